import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Prediction } from '../../api/types'
import styles from './Answer.module.css'

/** When and by which model a new answer was given, on paper only. On the screen it is obvious. */
export function PrintedFacts({ model }: Pick<Prediction, 'model'>) {
  const { t, i18n } = useTranslation()
  const [date] = useState(() => new Date())
  const dateFormat = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'long' })
  return (
    <p className={styles.onPaper}>
      {t('storedAnswer.given', { date: dateFormat.format(date), model: `${model.name} ${model.version}` })}
    </p>
  )
}

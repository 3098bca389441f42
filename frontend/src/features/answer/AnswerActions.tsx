import { useTranslation } from 'react-i18next'
import type { Conclusion } from '../../api/types'
import { CopyButton } from '../../components/CopyButton'
import styles from './Answer.module.css'
import { useHeadline } from './useHeadline'

export function AnswerActions({ prediction, isStored }: { prediction: Conclusion; isStored: boolean }) {
  const { t } = useTranslation()
  const { line } = useHeadline()(prediction)
  const link = isStored ? new URL(`/answers/${prediction.id}`, window.location.href).href : null
  return (
    <div className={styles.actions}>
      <CopyButton text={link ? `${line}\n${link}` : line} label={t('answer.copyAnswer')} />
      {link && <CopyButton text={link} label={t('answer.copyLink')} />}
      {prediction.id && !isStored && <p>{t('answer.notStored')}</p>}
    </div>
  )
}

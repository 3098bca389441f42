import { useTranslation } from 'react-i18next'
import { CopyButton } from '../../components/CopyButton'
import { useBreedName } from '../../components/useBreedName'
import styles from './Answer.module.css'
import type { AnyAnswer } from './types'
import { usePercent } from './usePercent'
import { certainty } from './wording'

export function AnswerActions({ answer, isStored }: { answer: AnyAnswer; isStored: boolean }) {
  const { t } = useTranslation()
  const nameOf = useBreedName()
  const percent = usePercent()
  const words = t(`certainty.${certainty(answer.probability)}`)
  const text = t('answer.asText', { words, name: nameOf(answer), percent: percent(answer.probability) })
  const link = new URL(`/answers/${answer.id}`, window.location.href).href
  return (
    <div className={styles.actions}>
      <CopyButton text={isStored ? `${text}\n${link}` : text} label={t('answer.copyAnswer')} />
      {isStored ? <CopyButton text={link} label={t('answer.copyLink')} /> : <p>{t('answer.notStored')}</p>}
    </div>
  )
}

import { useTranslation } from 'react-i18next'
import { CopyButton } from '../../components/CopyButton'
import styles from './Answer.module.css'
import type { AnyAnswer } from './types'
import { useHeadline } from './useHeadline'

export function AnswerActions({ answer, isStored }: { answer: AnyAnswer; isStored: boolean }) {
  const { t } = useTranslation()
  const { line } = useHeadline()(answer)
  const link = new URL(`/answers/${answer.id}`, window.location.href).href
  return (
    <div className={styles.actions}>
      <CopyButton text={isStored ? `${line}\n${link}` : line} label={t('answer.copyAnswer')} />
      {isStored ? <CopyButton text={link} label={t('answer.copyLink')} /> : <p>{t('answer.notStored')}</p>}
    </div>
  )
}

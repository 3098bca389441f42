import { useTranslation } from 'react-i18next'
import type { AnyPrediction } from '../../api/types'
import { CopyButton } from '../../components/CopyButton'
import styles from './Answer.module.css'
import { useHeadline } from './useHeadline'

export function AnswerActions({ prediction, isStored }: { prediction: AnyPrediction; isStored: boolean }) {
  const { t } = useTranslation()
  const { line } = useHeadline()(prediction)
  const link = new URL(`/answers/${prediction.id}`, window.location.href).href
  return (
    <div className={styles.actions}>
      <CopyButton text={isStored ? `${line}\n${link}` : line} label={t('answer.copyAnswer')} />
      {isStored ? (
        <CopyButton text={link} label={t('answer.copyLink')} />
      ) : (
        <p>{t(prediction.on_device ? 'private.answered' : 'answer.notStored')}</p>
      )}
    </div>
  )
}

import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useReason } from '../../components/useReason'
import styles from './Feedback.module.css'
import { useKeptPhoto } from './useFeedback'

/** Nothing is kept unless this is pressed. */
export function Consent({ id, sent, name }: { id: string; sent: Blob; name: string }) {
  const { t } = useTranslation()
  const reason = useReason()
  const kept = useKeptPhoto(id)
  if (kept.isSuccess) return <p role="status">{t('feedback.photoKept')}</p>
  return (
    <div className={styles.consent}>
      <Button variant="default" loading={kept.isPending} onClick={() => kept.mutate({ photo: sent, name })}>
        {t('feedback.consent')}
      </Button>
      <p>{t('feedback.consentDetail')}</p>
      {kept.error && (
        <p role="alert" className={styles.failed}>
          {t('feedback.photoFailed', { reason: reason(kept.error) })}
        </p>
      )}
    </div>
  )
}

import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { useErrorMessage } from '../../components/useErrorMessage'
import styles from './Feedback.module.css'
import { useStoredPhoto } from './useFeedback'

/** Asks for consent to store the photo. The photo is stored only after a click on the button. */
export function Consent({ id, sent, name }: { id: string; sent: Blob; name: string }) {
  const { t } = useTranslation()
  const errorMessage = useErrorMessage()
  const storedPhoto = useStoredPhoto(id)
  if (storedPhoto.isSuccess) return <p role="status">{t('feedback.photoStored')}</p>
  return (
    <div className={styles.consent}>
      <Button
        variant="default"
        loading={storedPhoto.isPending}
        onClick={() => storedPhoto.mutate({ photo: sent, name })}
      >
        {t('feedback.consent')}
      </Button>
      <p>{t('feedback.consentDetail')}</p>
      {storedPhoto.error && (
        <p role="alert" className={styles.failed}>
          {t('feedback.photoFailed', { reason: errorMessage(storedPhoto.error) })}
        </p>
      )}
    </div>
  )
}

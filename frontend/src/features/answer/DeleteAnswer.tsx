import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { useErrorMessage } from '../../components/useErrorMessage'
import styles from './DeleteAnswer.module.css'
import { useDeletion } from './useDeletion'

interface Props {
  /** The id of the prediction. */
  id: string
  secret: string
  onDeleted: () => void
}

/** Deletes an answer from the server after a confirmation, because this cannot be undone. */
export function DeleteAnswer({ id, secret, onDeleted }: Props) {
  const { t } = useTranslation()
  const errorMessage = useErrorMessage()
  const [isConfirming, setIsConfirming] = useState(false)
  const deletion = useDeletion(id, secret)
  if (!isConfirming) {
    return (
      <div className={styles.delete}>
        <Button variant="default" onClick={() => setIsConfirming(true)}>
          {t('storedAnswer.delete')}
        </Button>
      </div>
    )
  }
  return (
    <div className={styles.delete}>
      <p>{t('storedAnswer.deleteDetail')}</p>
      <Button loading={deletion.isPending} onClick={() => deletion.mutate(undefined, { onSuccess: onDeleted })}>
        {t('storedAnswer.deleteSure')}
      </Button>
      {/* eslint-disable-next-line jsx-a11y-x/no-autofocus -- the clicked button is gone, and this choice is harmless */}
      <Button variant="subtle" autoFocus onClick={() => setIsConfirming(false)}>
        {t('storedAnswer.keep')}
      </Button>
      {deletion.error && (
        <p role="alert" className={styles.failed}>
          {t('storedAnswer.deleteFailed', { reason: errorMessage(deletion.error) })}
        </p>
      )}
    </div>
  )
}

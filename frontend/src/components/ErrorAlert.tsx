import { useTranslation } from 'react-i18next'
import { ApiError } from '../api/errors'
import { Button } from './Button'
import styles from './ErrorAlert.module.css'
import { useErrorMessage } from './useErrorMessage'

interface Props {
  title: string
  details?: string[]
  error?: Error
  onTryAgain?: () => void
  /** Another way to get what failed. */
  otherWay?: { label: string; onChoose: () => void }
}

export function ErrorAlert({ title, details = [], error, onTryAgain, otherWay }: Props) {
  const { t } = useTranslation()
  const errorMessage = useErrorMessage()
  const wait = error instanceof ApiError ? error.retryAfter : null
  return (
    <div className={styles.box}>
      <div role="alert">
        <p className={styles.title}>{title}</p>
        {[...(error ? [errorMessage(error)] : []), ...details].map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
        {wait ? <p>{t('problem.wait', { count: wait })}</p> : null}
      </div>
      {(onTryAgain || otherWay) && (
        <div className={styles.ways}>
          {onTryAgain && (
            <Button onClick={onTryAgain} size="md">
              {t('problem.tryAgain')}
            </Button>
          )}
          {otherWay && (
            <Button onClick={otherWay.onChoose} size="md" variant="default">
              {otherWay.label}
            </Button>
          )}
        </div>
      )}
    </div>
  )
}

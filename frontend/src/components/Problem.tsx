import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../api/errors'
import styles from './Problem.module.css'
import { useReason } from './useReason'

interface Props {
  title: string
  details?: string[]
  error?: Error
  onTryAgain?: () => void
}

export function Problem({ title, details = [], error, onTryAgain }: Props) {
  const { t } = useTranslation()
  const reason = useReason()
  const wait = error instanceof ApiError ? error.retryAfter : null
  return (
    <div className={styles.problem}>
      <div role="alert">
        <p className={styles.title}>{title}</p>
        {[...(error ? [reason(error)] : []), ...details].map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
        {wait ? <p>{t('problem.wait', { count: wait })}</p> : null}
      </div>
      {onTryAgain && (
        <Button onClick={onTryAgain} size="md" className={styles.again}>
          {t('problem.tryAgain')}
        </Button>
      )}
    </div>
  )
}

import { Button } from '@mantine/core'
import { ApiError } from '../../api/errors'
import styles from './Problem.module.css'

interface Props {
  title: string
  detail?: string
  error?: Error
  onTryAgain?: () => void
}

function waitFor(error: Error | undefined): string {
  if (!(error instanceof ApiError) || !error.retryAfter) return ''
  return error.retryAfter === 1 ? 'Wait a second first.' : `Wait ${error.retryAfter} seconds first.`
}

export function Problem({ title, detail, error, onTryAgain }: Props) {
  const wait = waitFor(error)
  return (
    <div className={styles.problem}>
      <div role="alert">
        <p className={styles.title}>{title}</p>
        <p>{detail ?? error?.message}</p>
        {wait && <p>{wait}</p>}
      </div>
      {onTryAgain && (
        <Button onClick={onTryAgain} size="md" className={styles.again}>
          Try again
        </Button>
      )}
    </div>
  )
}

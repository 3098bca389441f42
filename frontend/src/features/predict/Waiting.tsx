import { Progress } from '@mantine/core'
import styles from './Waiting.module.css'

/** The answer's shape before the answer, so that nothing moves when it comes. */
export function Waiting({ sent }: { sent: number }) {
  const isSending = sent < 1
  return (
    <div className={styles.waiting}>
      <p className={styles.step}>{isSending ? 'Sending your photo' : 'Looking…'}</p>
      <p className={styles.figure}>{isSending ? `${Math.round(sent * 100)}%` : <span className={styles.name} />}</p>
      <Progress.Root size={6} radius="xl" className={styles.bar} data-looking={!isSending}>
        <Progress.Section value={isSending ? sent * 100 : 100} aria-label="Upload" />
      </Progress.Root>
      <div className={styles.rows} aria-hidden="true">
        {[72, 56, 64, 48, 60].map((width) => (
          <div key={width} className={styles.row}>
            <span style={{ width: `${width}%` }} />
            <span />
          </div>
        ))}
      </div>
    </div>
  )
}

import { useState, type ReactNode } from 'react'
import styles from './Disclosure.module.css'
import { LazyPart } from './LazyPart'

interface Props {
  title: string
  children: ReactNode
}

/** A section that can be opened. Its content is rendered only after the first opening. */
export function Disclosure({ title, children }: Props) {
  const [wasOpened, setWasOpened] = useState(false)
  return (
    <details className={styles.disclosure} onToggle={(event) => event.currentTarget.open && setWasOpened(true)}>
      <summary className={styles.summary}>{title}</summary>
      {wasOpened && (
        <div className={styles.content}>
          <LazyPart fallback={<div className={styles.loading} />}>{children}</LazyPart>
        </div>
      )}
    </details>
  )
}

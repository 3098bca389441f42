import type { ComponentProps } from 'react'
import styles from './VisuallyHidden.module.css'

/** Text for screen readers only. */
export function VisuallyHidden(props: ComponentProps<'div'>) {
  return <div {...props} className={styles.hidden} />
}

import type { ComponentProps } from 'react'
import styles from './Button.module.css'

interface Props extends ComponentProps<'button'> {
  variant?: 'filled' | 'default' | 'subtle'
  size?: 'compact-md' | 'sm' | 'md' | 'lg'
  /** Shows a spinner instead of the text, and takes no clicks. */
  loading?: boolean
}

/** The page's button. It is part of the first screen, so it is small. */
export function Button({
  variant = 'filled',
  size = 'sm',
  loading = false,
  disabled,
  className,
  children,
  ...props
}: Props) {
  return (
    <button
      type="button"
      {...props}
      className={className ? `${styles.button} ${className}` : styles.button}
      data-variant={variant}
      data-size={size}
      data-loading={loading || undefined}
      aria-busy={loading || undefined}
      disabled={disabled || loading}
    >
      <span className={styles.label}>{children}</span>
    </button>
  )
}

import { Component, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './Button'
import styles from './LoadingBoundary.module.css'

/**
 * Some parts of the page are loaded on demand. Loading fails if the server is unreachable or has a newer version without
 * these files. Then only this part shows an error, and the rest of the page keeps working.
 */
export class LoadingBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false }

  static getDerivedStateFromError() {
    return { hasFailed: true }
  }

  override render() {
    return this.state.hasFailed ? <NotLoaded /> : this.props.children
  }
}

function NotLoaded() {
  const { t } = useTranslation()
  return (
    <div role="alert">
      <p>{t('app.notLoaded')}</p>
      <Button onClick={() => window.location.reload()} className={styles.reload}>
        {t('app.reload')}
      </Button>
    </div>
  )
}

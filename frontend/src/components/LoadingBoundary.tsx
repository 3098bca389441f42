import { Button } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

/**
 * Parts of the page are fetched when they are wanted. The server may be out of reach then, or have a newer version that
 * no longer has them: that part says so, and the others stay.
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
      <Button onClick={() => window.location.reload()} mt="md">
        {t('app.reload')}
      </Button>
    </div>
  )
}

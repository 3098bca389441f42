import { Button } from '@mantine/core'
import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { isPageOutdated, onOutdated, reloadPage } from './serviceWorker'
import styles from './UpdateNotice.module.css'

/** The page never reloads by itself: somebody may be looking at an answer. */
export function UpdateNotice() {
  const { t } = useTranslation()
  const isOutdated = useSyncExternalStore(onOutdated, isPageOutdated)
  return (
    <div role="status" className={styles.place}>
      {isOutdated && (
        <div className={styles.notice}>
          <p>{t('app.newVersion')}</p>
          <Button size="sm" onClick={reloadPage}>
            {t('app.reload')}
          </Button>
        </div>
      )}
    </div>
  )
}

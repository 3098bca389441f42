import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../components/Button'
import notice from '../components/notice.module.css'
import { isPageOutdated, reloadPage, subscribeToUpdates } from './pageUpdates'
import styles from './UpdateNotice.module.css'

/** Offers to reload an outdated page. It never reloads by itself, because the visitor may be reading an answer. */
export function UpdateNotice() {
  const { t } = useTranslation()
  const isOutdated = useSyncExternalStore(subscribeToUpdates, isPageOutdated, isPageOutdated)
  return (
    <div role="status" className={styles.place}>
      {isOutdated && (
        <div className={notice.notice}>
          <p>{t('app.newVersion')}</p>
          <Button size="sm" onClick={reloadPage}>
            {t('app.reload')}
          </Button>
        </div>
      )}
    </div>
  )
}

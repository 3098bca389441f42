import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { HistoryCard } from './HistoryCard'
import styles from './HistoryPage.module.css'
import { forgetAll } from './store'
import { useHistory } from './useHistory'

export default function HistoryPage() {
  const { t } = useTranslation()
  const { data: entries, isError } = useHistory()
  return (
    <>
      <h1>{t('history.title')}</h1>
      <p className={styles.lead}>{t(isError ? 'history.unavailable' : 'history.lead')}</p>
      {entries?.length === 0 && <p className={styles.empty}>{t('history.empty')}</p>}
      {entries && entries.length > 0 && (
        <>
          <ul className={styles.entries}>
            {entries.map((entry) => (
              <HistoryCard key={entry.id} entry={entry} />
            ))}
          </ul>
          <ClearAll count={entries.length} />
        </>
      )}
    </>
  )
}

/** Asks once more: what is cleared does not come back. */
function ClearAll({ count }: { count: number }) {
  const { t } = useTranslation()
  const [isSure, setIsSure] = useState(false)
  return (
    <div className={styles.clear}>
      {isSure ? (
        <>
          <Button onClick={() => void forgetAll()}>{t('history.clearSure', { count })}</Button>
          <Button variant="subtle" autoFocus onClick={() => setIsSure(false)}>
            {t('history.cancel')}
          </Button>
        </>
      ) : (
        <Button variant="default" onClick={() => setIsSure(true)}>
          {t('history.clear')}
        </Button>
      )}
    </div>
  )
}

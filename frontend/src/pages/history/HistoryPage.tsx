import { useTranslation } from 'react-i18next'
import { useHeadline } from '../../features/answer/useHeadline'
import { ClearHistory } from '../../features/history/ClearHistory'
import { HistoryEntry } from '../../features/history/HistoryEntry'
import { useHistory } from '../../features/history/useHistory'
import styles from './HistoryPage.module.css'

export default function HistoryPage() {
  const { t } = useTranslation()
  const headlineOf = useHeadline()
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
              <HistoryEntry key={entry.id} entry={entry} summary={headlineOf(entry.prediction).short} />
            ))}
          </ul>
          <ClearHistory count={entries.length} />
        </>
      )}
    </>
  )
}

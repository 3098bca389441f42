import { useRef, type MouseEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useHeadline } from '../../features/answer/useHeadline'
import { useProbabilityFormat } from '../../features/answer/useProbabilityFormat'
import { ClearHistory } from '../../features/history/ClearHistory'
import { HistoryEntry } from '../../features/history/HistoryEntry'
import { UndoNotice } from '../../features/history/UndoNotice'
import { useHistory } from '../../features/history/useHistory'
import { useRemoval } from '../../features/history/useRemoval'
import styles from './HistoryPage.module.css'

export default function HistoryPage() {
  const { t } = useTranslation()
  const headlineOf = useHeadline()
  const percent = useProbabilityFormat()
  const { data: entries, isError } = useHistory()
  const removal = useRemoval()
  const notice = useRef<HTMLDivElement>(null)

  /** The pressed button is about to disappear, so the keyboard goes on at the notice. Pointers (detail > 0) do not need that. */
  const moveFocus = (event: MouseEvent) => {
    if (event.detail === 0) notice.current?.focus({ preventScroll: true })
  }
  return (
    <>
      <h1>{t('history.title')}</h1>
      <p className={styles.lead}>{t(isError ? 'history.unavailable' : 'history.lead')}</p>
      <UndoNotice removal={removal} place={notice} />
      {entries?.length === 0 && <p className={styles.empty}>{t('history.empty')}</p>}
      {entries && entries.length > 0 && (
        <>
          <ul className={styles.entries}>
            {entries.map((entry) => {
              const { lead, shortHeading, probability } = headlineOf(entry.prediction)
              return (
                <HistoryEntry
                  key={entry.id}
                  entry={entry}
                  lead={lead}
                  heading={shortHeading}
                  probability={probability === null ? null : percent(probability)}
                  onRemove={(event) => {
                    moveFocus(event)
                    removal.remove(entry)
                  }}
                />
              )
            })}
          </ul>
          <ClearHistory
            count={entries.length}
            onClear={(event) => {
              moveFocus(event)
              removal.removeAll(entries)
            }}
          />
        </>
      )}
    </>
  )
}

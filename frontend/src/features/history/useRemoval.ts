import { useCallback, useState } from 'react'
import { clearHistory, deleteEntry, restoreEntries, type Entry } from './store'

export interface Removal {
  /** What has been removed and can still be restored. */
  removed: Entry[]
  /** How many entries have just been restored. */
  restored: number
  remove: (entry: Entry) => void
  removeAll: (entries: Entry[]) => void
  undo: () => void
  /** Ends the possibility to restore. */
  forget: () => void
}

/** Removes entries from the history at once, so that nothing is left if the page is closed. They can be restored until then. */
export function useRemoval(): Removal {
  const [removed, setRemoved] = useState<Entry[]>([])
  const [restored, setRestored] = useState(0)
  const add = (entries: Entry[]) => {
    setRestored(0)
    setRemoved((now) => [...now, ...entries])
  }
  return {
    removed,
    restored,
    remove: (entry) => {
      void deleteEntry(entry.id)
      add([entry])
    },
    removeAll: (entries) => {
      void clearHistory()
      add(entries)
    },
    undo: () => {
      void restoreEntries(removed)
      setRestored(removed.length)
      setRemoved([])
    },
    forget: useCallback(() => {
      setRemoved([])
      setRestored(0)
    }, []),
  }
}

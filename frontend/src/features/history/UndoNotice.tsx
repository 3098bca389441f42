import { useEffect, type RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import notice from '../../components/notice.module.css'
import styles from './UndoNotice.module.css'
import type { Removal } from './useRemoval'

/** How long the notice stays. It is longer while the visitor is at it. */
const SHOWN_MS = 10_000

interface Props {
  removal: Removal
  /** The place of the notice. It takes the focus when the pressed button is gone. */
  place: RefObject<HTMLDivElement | null>
}

/** Says what was removed from the history and offers to restore it. */
export function UndoNotice({ removal, place }: Props) {
  const { t } = useTranslation()
  const { removed, restored, undo, forget } = removal
  const isShown = removed.length > 0 || restored > 0

  useEffect(() => {
    if (!isShown) return
    const isVisitorAt = (element: HTMLElement | null) =>
      element !== null && (element.contains(document.activeElement) || element.matches(':hover'))
    const timer = setInterval(() => !isVisitorAt(place.current) && forget(), SHOWN_MS)
    return () => clearInterval(timer)
  }, [isShown, removed, restored, place, forget]) // each removal starts the time again

  const onUndo = () => {
    place.current?.focus({ preventScroll: true })
    undo()
  }
  return (
    <div ref={place} role="status" tabIndex={-1} className={styles.place}>
      {removed.length > 0 && (
        <div className={`${notice.notice} ${styles.raised}`}>
          <p>{t('history.removed', { count: removed.length })}</p>
          <Button size="sm" onClick={onUndo}>
            {t('history.undo')}
          </Button>
        </div>
      )}
      {restored > 0 && (
        <div className={`${notice.notice} ${styles.raised}`}>
          <p>{t('history.restored', { count: restored })}</p>
        </div>
      )}
    </div>
  )
}

import { useEffect, useState } from 'react'
import { createPortal } from 'react-dom'
import { useTranslation } from 'react-i18next'
import styles from './DropOverlay.module.css'
import { hasFiles } from './photoIntake'
import { ViewfinderCorners } from './ViewfinderCorners'

/** Shown while files are dragged over the window. They can be dropped anywhere. */
export function DropOverlay() {
  const { t } = useTranslation()
  const isDragging = useDragging()
  if (!isDragging) return null
  return createPortal(
    <div className={styles.overlay} aria-hidden="true">
      <div className={styles.inner}>
        <ViewfinderCorners />
        <p className={styles.hint}>{t('photo.drop')}</p>
      </div>
    </div>,
    document.body, // outside the photo page, which is hidden while another page is shown
  )
}

/** Whether files are dragged over the window. */
function useDragging(): boolean {
  /** Entered elements that the pointer has not left yet. */
  const [depth, setDepth] = useState(0)
  useEffect(() => {
    const onEnter = (event: DragEvent) => hasFiles(event) && setDepth((now) => now + 1)
    const onLeave = (event: DragEvent) => hasFiles(event) && setDepth((now) => Math.max(0, now - 1))
    const onEnd = () => setDepth(0)
    document.addEventListener('dragenter', onEnter)
    document.addEventListener('dragleave', onLeave)
    document.addEventListener('drop', onEnd)
    return () => {
      document.removeEventListener('dragenter', onEnter)
      document.removeEventListener('dragleave', onLeave)
      document.removeEventListener('drop', onEnd)
    }
  }, [])
  return depth > 0
}

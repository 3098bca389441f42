import { useEffect, useState } from 'react'
import { createPortal } from 'react-dom'
import { useTranslation } from 'react-i18next'
import styles from './DropOverlay.module.css'
import { hasFiles, MORE_OF_DOG } from './photoIntake'
import { ViewfinderCorners } from './ViewfinderCorners'

/**
 * Shown while files are dragged over the window. They can be dropped anywhere. If they can also be added to the dog that is
 * shown, there are two zones.
 */
export function DropOverlay({ canAddToDog }: { canAddToDog: boolean }) {
  const isDragging = useDragging()
  if (!isDragging) return null
  return createPortal(
    <div className={styles.overlay} aria-hidden="true">
      <div className={styles.inner}>{canAddToDog ? <Zones /> : <WholeWindow />}</div>
    </div>,
    document.body, // outside the photo page, which is hidden while another page is shown
  )
}

function WholeWindow() {
  const { t } = useTranslation()
  return (
    <>
      <ViewfinderCorners />
      <p className={styles.hint}>{t('photo.drop')}</p>
    </>
  )
}

function Zones() {
  const { t } = useTranslation()
  const [isOverMore, setIsOverMore] = useState(false)
  return (
    <>
      <div className={styles.zone} data-over={!isOverMore} onDragOver={() => setIsOverMore(false)}>
        <ViewfinderCorners />
        <p className={styles.hint}>{t('photo.dropNew')}</p>
      </div>
      <div
        className={styles.zone}
        data-over={isOverMore}
        onDragOver={() => setIsOverMore(true)}
        {...{ [MORE_OF_DOG]: true }}
      >
        <ViewfinderCorners />
        <p className={styles.hint}>{t('dog.drop')}</p>
      </div>
    </>
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

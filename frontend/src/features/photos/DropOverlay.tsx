import { Dropzone } from '@mantine/dropzone'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './DropOverlay.module.css'
import { ViewfinderCorners } from './ViewfinderCorners'

interface Props {
  onFiles: (files: File[]) => void
  /** Given if files can also be added to the dog that is shown. Then the window has two zones. */
  onMoreOfDog?: (files: File[]) => void
}

/** Makes the whole window a drop zone. It passes on all files; `checkPhoto` checks them, as after choosing or pasting. */
export function DropOverlay({ onFiles, onMoreOfDog }: Props) {
  const { t } = useTranslation()
  const [isOverMore, setIsOverMore] = useState(false)
  const onDrop = isOverMore && onMoreOfDog ? onMoreOfDog : onFiles
  return (
    <Dropzone.FullScreen
      onDrop={onDrop}
      activateOnKeyboard={false}
      aria-hidden="true" // dropping needs a pointer
      classNames={{ fullScreen: styles.overlay, inner: styles.inner }}
    >
      {onMoreOfDog ? (
        <>
          <div className={styles.zone} data-over={!isOverMore} onDragOver={() => setIsOverMore(false)}>
            <ViewfinderCorners />
            <p className={styles.hint}>{t('photo.dropNew')}</p>
          </div>
          <div className={styles.zone} data-over={isOverMore} onDragOver={() => setIsOverMore(true)}>
            <ViewfinderCorners />
            <p className={styles.hint}>{t('dog.drop')}</p>
          </div>
        </>
      ) : (
        <>
          <ViewfinderCorners />
          <p className={styles.hint}>{t('photo.drop')}</p>
        </>
      )}
    </Dropzone.FullScreen>
  )
}

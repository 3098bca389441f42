import { Dropzone } from '@mantine/dropzone'
import { useTranslation } from 'react-i18next'
import styles from './DropOverlay.module.css'
import { ViewfinderCorners } from './ViewfinderCorners'

/** Makes the whole window a drop zone. It passes on all files; `checkPhoto` checks them, as after choosing or pasting. */
export function DropOverlay({ onFiles }: { onFiles: (files: File[]) => void }) {
  const { t } = useTranslation()
  return (
    <Dropzone.FullScreen
      onDrop={onFiles}
      activateOnKeyboard={false}
      aria-hidden="true" // dropping needs a pointer
      classNames={{ fullScreen: styles.overlay, inner: styles.inner }}
    >
      <ViewfinderCorners />
      <p className={styles.hint}>{t('photo.drop')}</p>
    </Dropzone.FullScreen>
  )
}

import { Dropzone } from '@mantine/dropzone'
import { useTranslation } from 'react-i18next'
import { Corners } from './Corners'
import styles from './DropOverlay.module.css'

/** The whole window takes photos. What is allowed is checked in one place, for drop, choice and paste alike. */
export function DropOverlay({ onFiles }: { onFiles: (files: File[]) => void }) {
  const { t } = useTranslation()
  return (
    <Dropzone.FullScreen
      onDrop={onFiles}
      activateOnKeyboard={false}
      aria-hidden="true" // only a pointer can drop
      classNames={{ fullScreen: styles.overlay, inner: styles.inner }}
    >
      <Corners />
      <p className={styles.hint}>{t('photo.drop')}</p>
    </Dropzone.FullScreen>
  )
}

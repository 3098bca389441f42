import { Dropzone } from '@mantine/dropzone'
import { Corners } from './Corners'
import styles from './DropOverlay.module.css'

/** The whole window takes a photo. What is allowed is checked in one place, for drop, choice and paste alike. */
export function DropOverlay({ onFile }: { onFile: (file: File | undefined) => void }) {
  return (
    <Dropzone.FullScreen
      onDrop={(files) => onFile(files[0])}
      activateOnKeyboard={false}
      aria-hidden="true" // only a pointer can drop
      classNames={{ fullScreen: styles.overlay, inner: styles.inner }}
    >
      <Corners />
      <p className={styles.hint}>Drop the photo anywhere</p>
    </Dropzone.FullScreen>
  )
}

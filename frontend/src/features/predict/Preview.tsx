import { useState } from 'react'
import styles from './Stage.module.css'
import type { Photo } from './types'

/** The whole photo, uncropped, over a blurred copy of itself that fills the stage. */
export function Preview({ photo }: { photo: Photo }) {
  const [cannotDraw, setCannotDraw] = useState(false)

  if (cannotDraw) {
    return (
      <p className={styles.undrawn}>
        This browser cannot show “{photo.file.name}”.
      </p>
    )
  }
  return (
    <>
      <img src={photo.url} alt="" aria-hidden="true" className={styles.backdrop} />
      <img src={photo.url} alt={`Your photo: ${photo.file.name}`} className={styles.photo} onError={() => setCannotDraw(true)} />
    </>
  )
}

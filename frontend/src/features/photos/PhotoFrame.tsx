import type { ReactNode } from 'react'
import { DogSketch } from '../../components/DogSketch'
import type { Photo } from '../../components/photo'
import { INPUT_ID, PhotoButtons } from './PhotoButtons'
import styles from './PhotoFrame.module.css'
import { PhotoPreview } from './PhotoPreview'
import { ViewfinderCorners } from './ViewfinderCorners'

interface Props {
  photo: Photo | undefined
  /** Whether the photo is being sent or analysed. */
  isBusy: boolean
  /** A picture from the server, for photos that this browser cannot show. */
  serverPreview?: string
  /** What to show over the photo once it is loaded. */
  overlay?: (image: HTMLImageElement) => ReactNode
  /** Takes the place of the photo and its buttons. */
  cover?: ReactNode
}

/** The drop zone, and later the photo. Both have the same size, so the layout does not shift. */
export function PhotoFrame({ photo, isBusy, serverPreview, overlay, cover }: Props) {
  return (
    <div className={styles.frame} data-photo={photo !== undefined}>
      {photo ? (
        <PhotoPreview key={photo.id} photo={photo} serverPreview={serverPreview} overlay={overlay} />
      ) : (
        <label htmlFor={INPUT_ID} className={styles.invitation} aria-hidden="true">
          <DogSketch />
        </label>
      )}
      {(!photo || isBusy) && <ViewfinderCorners isPulsing={isBusy} />}
      {cover ?? <PhotoButtons isOverPhoto={photo !== undefined} />}
    </div>
  )
}

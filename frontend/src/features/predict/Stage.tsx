import { Button } from '@mantine/core'
import { useId, useRef, type ChangeEvent } from 'react'
import { PHOTO_TYPES } from './checkPhoto'
import { Corners } from './Corners'
import { DogSketch } from './DogSketch'
import { Preview } from './Preview'
import styles from './Stage.module.css'
import type { Photo } from './types'

interface Props {
  photo: Photo | null
  isAsking: boolean
  onFile: (file: File | undefined) => void
}

/** Where the photo is. It keeps its size from the first visit to the answer, so that nothing jumps. */
export function Stage({ photo, isAsking, onFile }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const inputId = useId()

  const onChange = (event: ChangeEvent<HTMLInputElement>) => {
    onFile(event.target.files?.[0])
    event.target.value = '' // so that the same file can be chosen again
  }

  return (
    <div className={styles.stage} data-photo={photo !== null}>
      {photo ? (
        <Preview key={photo.id} photo={photo} />
      ) : (
        <label htmlFor={inputId} className={styles.invitation} aria-hidden="true">
          <DogSketch />
        </label>
      )}
      {(!photo || isAsking) && <Corners pulsing={isAsking} />}
      <Button className={styles.choose} size="lg" onClick={() => input.current?.click()}>
        {photo ? 'Choose another photo' : 'Choose a photo'}
      </Button>
      <input
        ref={input}
        id={inputId}
        type="file"
        accept={[...PHOTO_TYPES, '.heic', '.heif'].join(',')}
        aria-label="Photo of a dog"
        hidden
        onChange={onChange}
      />
    </div>
  )
}

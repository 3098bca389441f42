import { Button } from '@mantine/core'
import { useId, useRef, type ChangeEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { DogSketch } from '../../components/DogSketch'
import { PHOTO_TYPES } from './checkPhoto'
import { Corners } from './Corners'
import { Preview } from './Preview'
import styles from './Stage.module.css'
import type { Photo, PhotoState } from './types'

interface Props {
  photo: Photo | undefined
  state: PhotoState | undefined
  onFiles: (files: File[]) => void
}

/** Where the photo is. It keeps its size from the first visit to the answer, so that nothing jumps. */
export function Stage({ photo, state, onFiles }: Props) {
  const { t } = useTranslation()
  const input = useRef<HTMLInputElement>(null)
  const camera = useRef<HTMLInputElement>(null)
  const inputId = useId()
  const isAsking = state !== undefined && state.step !== 'answered' && state.step !== 'failed'
  const prediction = state?.step === 'answered' ? state.answered.prediction : undefined

  const onChange = (event: ChangeEvent<HTMLInputElement>) => {
    onFiles([...(event.target.files ?? [])])
    event.target.value = '' // so that the same file can be chosen again
  }

  return (
    <div className={styles.stage} data-photo={photo !== undefined}>
      {photo ? (
        <Preview key={photo.id} photo={photo} substitute={prediction?.preview} explanation={prediction?.explanation} />
      ) : (
        <label htmlFor={inputId} className={styles.invitation} aria-hidden="true">
          <DogSketch />
        </label>
      )}
      {(!photo || isAsking) && <Corners pulsing={isAsking} />}
      <div className={styles.ways}>
        <Button size="lg" onClick={() => input.current?.click()}>
          {photo ? t('photo.chooseAnother') : t('photo.choose')}
        </Button>
        <Button size="lg" className={styles.take} onClick={() => camera.current?.click()}>
          {t('photo.take')}
        </Button>
      </div>
      <input
        ref={input}
        id={inputId}
        type="file"
        multiple
        accept={[...PHOTO_TYPES, '.heic', '.heif'].join(',')}
        aria-label={t('photo.input')}
        hidden
        onChange={onChange}
      />
      <input
        ref={camera}
        type="file"
        accept="image/*"
        capture="environment"
        aria-label={t('photo.camera')}
        hidden
        onChange={onChange}
      />
    </div>
  )
}

import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import styles from './PhotoFrame.module.css'
import { PhotoInput } from './PhotoInput'

/** Buttons for more photos of the same dog, from the file dialog and from the camera. */
export function AddPhotoButtons({ onFiles }: { onFiles: (files: File[]) => void }) {
  const { t } = useTranslation()
  const input = useRef<HTMLInputElement>(null)
  const camera = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button variant="default" onClick={() => input.current?.click()}>
        {t('dog.add')}
      </Button>
      <Button variant="default" className={styles.camera} onClick={() => camera.current?.click()}>
        {t('dog.take')}
      </Button>
      <PhotoInput inputRef={input} label={t('dog.addInput')} onFiles={onFiles} />
      <PhotoInput inputRef={camera} label={t('dog.addCamera')} isCamera onFiles={onFiles} />
    </>
  )
}

import { Button } from '@mantine/core'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import overPhoto from '../../components/overPhoto.module.css'
import styles from './PhotoFrame.module.css'
import { PhotoInput } from './PhotoInput'

interface Props {
  inputId: string
  isOverPhoto: boolean
  onFiles: (files: File[]) => void
}

/** Buttons that open the file dialog and the camera. */
export function PhotoButtons({ inputId, isOverPhoto, onFiles }: Props) {
  const { t } = useTranslation()
  const input = useRef<HTMLInputElement>(null)
  const camera = useRef<HTMLInputElement>(null)
  const look = isOverPhoto ? overPhoto.button : ''
  return (
    <>
      <div className={styles.buttons}>
        <Button size="lg" className={look} onClick={() => input.current?.click()}>
          {isOverPhoto ? t('photo.chooseAnother') : t('photo.choose')}
        </Button>
        <Button size="lg" className={`${styles.camera} ${look}`} onClick={() => camera.current?.click()}>
          {t('photo.take')}
        </Button>
      </div>
      <PhotoInput inputRef={input} id={inputId} label={t('photo.input')} onFiles={onFiles} />
      <PhotoInput inputRef={camera} label={t('photo.camera')} isCamera onFiles={onFiles} />
    </>
  )
}

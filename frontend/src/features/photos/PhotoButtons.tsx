import { Button } from '@mantine/core'
import { useRef, type ChangeEvent } from 'react'
import { useTranslation } from 'react-i18next'
import overPhoto from '../../components/overPhoto.module.css'
import styles from './PhotoFrame.module.css'
import { useAcceptedFormats } from './useAcceptedFormats'

interface Props {
  inputId: string
  isOverPhoto: boolean
  onFiles: (files: File[]) => void
}

/** Buttons that open the file dialog and the camera. */
export function PhotoButtons({ inputId, isOverPhoto, onFiles }: Props) {
  const { t } = useTranslation()
  const { accept } = useAcceptedFormats()
  const input = useRef<HTMLInputElement>(null)
  const camera = useRef<HTMLInputElement>(null)
  const look = isOverPhoto ? overPhoto.button : ''

  const onChange = (event: ChangeEvent<HTMLInputElement>) => {
    onFiles([...(event.target.files ?? [])])
    event.target.value = '' // so that the same file can be chosen again
  }

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
      <input
        ref={input}
        id={inputId}
        type="file"
        multiple
        accept={accept}
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
    </>
  )
}

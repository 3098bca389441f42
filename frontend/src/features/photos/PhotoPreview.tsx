import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Photo } from '../../components/photo'
import styles from './PhotoFrame.module.css'

interface Props {
  photo: Photo
  serverPreview?: string
  overlay?: (image: HTMLImageElement) => ReactNode
}

/** The whole photo, uncropped, in front of a blurred copy that fills the frame. */
export function PhotoPreview({ photo, serverPreview, overlay }: Props) {
  const { t } = useTranslation()
  const [cannotShow, setCannotShow] = useState(false)
  const [image, setImage] = useState<HTMLImageElement | null>(null)
  const url = cannotShow ? serverPreview : photo.url

  if (!url) return <p className={styles.notShown}>{t('photo.cannotShow', { name: photo.file.name })}</p>
  return (
    <>
      <img src={url} alt="" aria-hidden="true" className={styles.backdrop} />
      <img
        src={url}
        alt={t('photo.yours', { name: photo.file.name })}
        className={styles.photo}
        onLoad={(event) => setImage(event.currentTarget)}
        onError={() => setCannotShow(true)}
      />
      {image && overlay?.(image)}
    </>
  )
}

import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './Stage.module.css'
import type { Photo } from './types'

interface Props {
  photo: Photo
  /** A picture of it from the server, for what this browser cannot draw. */
  substitute?: string
}

/** The whole photo, uncropped, over a blurred copy of itself that fills the stage. */
export function Preview({ photo, substitute }: Props) {
  const { t } = useTranslation()
  const [cannotDraw, setCannotDraw] = useState(false)
  const url = cannotDraw ? substitute : photo.url

  if (!url) return <p className={styles.undrawn}>{t('photo.cannotShow', { name: photo.file.name })}</p>
  return (
    <>
      <img src={url} alt="" aria-hidden="true" className={styles.backdrop} />
      <img
        src={url}
        alt={t('photo.yours', { name: photo.file.name })}
        className={styles.photo}
        onError={() => setCannotDraw(true)}
      />
    </>
  )
}

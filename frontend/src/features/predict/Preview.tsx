import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useBreedName } from '../../components/useBreedName'
import { HeatMap } from '../answer/HeatMap'
import type { Explanation } from '../answer/types'
import styles from './Stage.module.css'
import type { Photo } from './types'

interface Props {
  photo: Photo
  /** A picture of it from the server, for what this browser cannot draw. */
  substitute?: string
  /** Which places of it speak for the answer. */
  explanation?: Explanation | null
}

/** The whole photo, uncropped, over a blurred copy of itself that fills the stage. */
export function Preview({ photo, substitute, explanation }: Props) {
  const { t } = useTranslation()
  const [cannotDraw, setCannotDraw] = useState(false)
  const [drawn, setDrawn] = useState<HTMLImageElement | null>(null)
  const url = cannotDraw ? substitute : photo.url

  if (!url) return <p className={styles.undrawn}>{t('photo.cannotShow', { name: photo.file.name })}</p>
  return (
    <>
      <img src={url} alt="" aria-hidden="true" className={styles.backdrop} />
      <img
        src={url}
        alt={t('photo.yours', { name: photo.file.name })}
        className={styles.photo}
        onLoad={(event) => setDrawn(event.currentTarget)}
        onError={() => setCannotDraw(true)}
      />
      {explanation && drawn && <Why explanation={explanation} photo={drawn} />}
    </>
  )
}

/** The heat map, while it is wanted. */
function Why({ explanation, photo }: { explanation: Explanation; photo: HTMLImageElement }) {
  const { t } = useTranslation()
  const nameOf = useBreedName()
  const [isShown, setIsShown] = useState(false)
  return (
    <>
      {isShown && <HeatMap explanation={explanation} photo={photo} />}
      <div className={styles.why}>
        <Button aria-pressed={isShown} onClick={() => setIsShown(!isShown)}>
          {isShown ? t('verdict.hideWhy') : t('verdict.why')}
        </Button>
      </div>
      {isShown && (
        <p role="status" className={styles.reason}>
          {t('verdict.heat', { name: nameOf(explanation) })}
        </p>
      )}
    </>
  )
}

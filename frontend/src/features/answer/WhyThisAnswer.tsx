import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Explanation } from '../../api/types'
import { Button } from '../../components/Button'
import overPhoto from '../../components/overPhoto.module.css'
import { useBreedName } from '../../components/useBreedName'
import { HeatMap } from './HeatMap'
import styles from './WhyThisAnswer.module.css'

interface Props {
  explanation: Explanation
  /** The photo, already loaded. */
  image: HTMLImageElement
}

/** A button below the photo that shows and hides the heat map. */
export default function WhyThisAnswer({ explanation, image }: Props) {
  const { t } = useTranslation()
  const nameOf = useBreedName()
  const [isShown, setIsShown] = useState(false)
  return (
    <>
      {isShown && <HeatMap explanation={explanation} image={image} />}
      <div className={styles.toggle}>
        <Button className={overPhoto.button} aria-pressed={isShown} onClick={() => setIsShown(!isShown)}>
          {isShown ? t('verdict.hideWhy') : t('verdict.why')}
        </Button>
      </div>
      {isShown && (
        <p role="status" data-photo-caption className={styles.caption}>
          {t('verdict.heatMap', { name: nameOf(explanation) })}
        </p>
      )}
    </>
  )
}

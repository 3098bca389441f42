import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import type { Advice as AdviceType } from '../../api/types'
import { Advice, asksForCrop } from '../../features/crop/Advice'
import { AddPhotoButtons } from '../../features/photos/AddPhotoButtons'
import styles from './NextSteps.module.css'

interface Props {
  /** How to get a better answer to a photo. Not given below an answer to several photos. */
  advice?: AdviceType | null
  /** Given if the photo can be cropped. */
  onCrop?: () => void
  /** Given if there is room for more photos of the dog. */
  onMoreOfDog?: (files: File[]) => void
}

/** What the visitor can do for a better answer: use a part of the photo, or add photos of the dog. */
export default function NextSteps({ advice, onCrop, onMoreOfDog }: Props) {
  const { t } = useTranslation()
  return (
    <>
      <div aria-live="polite">{advice && <Advice advice={advice} onCrop={onCrop} />}</div>
      <div className={styles.steps}>
        {onCrop && !asksForCrop(advice) && (
          <Button variant="default" onClick={onCrop}>
            {t('crop.action')}
          </Button>
        )}
        {onMoreOfDog && <AddPhotoButtons onFiles={onMoreOfDog} />}
      </div>
    </>
  )
}

import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { PhotoAdvice } from '../../api/sameDog'
import styles from './Advice.module.css'

/** Advice that a part of the photo can follow. */
const CAN_CROP: PhotoAdvice['code'][] = ['closer', 'whole_dog', 'one_dog']

/** How to get a better answer from another photo, or from a part of this one. */
export function Advice({ advice, onCrop }: { advice: PhotoAdvice; onCrop: (() => void) | undefined }) {
  const { t } = useTranslation()
  return (
    <div className={styles.advice}>
      <p>{t(`advice.${advice.code}`)}</p>
      {onCrop && CAN_CROP.includes(advice.code) && (
        <Button variant="default" onClick={onCrop}>
          {t('crop.open')}
        </Button>
      )}
    </div>
  )
}

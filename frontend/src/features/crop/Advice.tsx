import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import type { Advice as AdviceType } from '../../api/types'
import styles from './Advice.module.css'

/** Whether a part of the photo can follow the advice. */
export function asksForCrop(advice: AdviceType | null | undefined): boolean {
  return advice?.code === 'closer' || advice?.code === 'one_dog'
}

/** How to get a better answer from another photo, or from a part of this one. */
export function Advice({ advice, onCrop }: { advice: AdviceType; onCrop: (() => void) | undefined }) {
  const { t } = useTranslation()
  return (
    <div className={styles.advice}>
      <p>{t(`advice.${advice.code}`)}</p>
      {onCrop && asksForCrop(advice) && (
        <Button variant="default" onClick={onCrop}>
          {t('crop.open')}
        </Button>
      )}
    </div>
  )
}

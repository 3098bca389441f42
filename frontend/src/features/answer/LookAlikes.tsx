import { useTranslation } from 'react-i18next'
import type { LookAlikes as LookAlikePair } from '../../api/types'
import { useBreedName } from '../../components/useBreedName'
import styles from './Answer.module.css'
import { useProbabilityFormat } from './useProbabilityFormat'

/** How often the model told the two most likely breeds apart, on photos of these two that were not used for training. */
export function LookAlikes({ pair }: { pair: LookAlikePair }) {
  const { t } = useTranslation()
  const nameOf = useBreedName()
  const percent = useProbabilityFormat()
  const [first = '', second = ''] = pair.breeds.map(nameOf)
  const [low = 0, high = 1] = pair.interval
  return (
    <p className={styles.lookAlikes}>
      {t('verdict.lookAlikes', {
        first,
        second,
        photos: pair.photos,
        right: pair.told_apart,
        low: percent(low),
        high: percent(high),
      })}
    </p>
  )
}

import { useTranslation } from 'react-i18next'
import { useBreedName } from '../../components/useBreedName'
import styles from './Answer.module.css'
import type { LookAlikes as Pair } from './types'
import { usePercent } from './usePercent'

/** How often the two likeliest breeds were told apart on photos of exactly these two. */
export function LookAlikes({ pair }: { pair: Pair }) {
  const { t } = useTranslation()
  const nameOf = useBreedName()
  const percent = usePercent()
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

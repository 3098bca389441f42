import { useTranslation } from 'react-i18next'
import type { BreedProbability } from '../../api/types'
import { useBreedName } from '../../components/useBreedName'
import styles from './BreedBar.module.css'
import { useProbabilityFormat } from './useProbabilityFormat'

interface Props {
  entry: BreedProbability & { rank: number }
  isRanked: boolean
}

export function BreedBar({ entry, isRanked }: Props) {
  const { t } = useTranslation()
  const nameOf = useBreedName()
  const percent = useProbabilityFormat()
  return (
    <li className={styles.row} data-first={entry.rank === 1}>
      <span className={styles.name} title={t('answer.label', { breed: entry.breed })}>
        {isRanked && <span className={styles.rank}>{entry.rank}</span>}
        {nameOf(entry)}
      </span>
      <span className={styles.percent}>{percent(entry.probability)}</span>
      <span className={styles.track} aria-hidden="true">
        <span className={styles.bar} style={{ width: `${entry.probability * 100}%` }} />
      </span>
    </li>
  )
}

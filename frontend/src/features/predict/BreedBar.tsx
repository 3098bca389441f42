import { Progress } from '@mantine/core'
import styles from './BreedBar.module.css'
import type { BreedProbability } from './types'
import { percent } from './wording'

interface Props {
  entry: BreedProbability & { rank: number }
  isRanked: boolean
}

export function BreedBar({ entry, isRanked }: Props) {
  return (
    <li className={styles.row} data-first={entry.rank === 1}>
      <span className={styles.name}>
        {isRanked && <span className={styles.rank}>{entry.rank}</span>}
        {entry.name}
      </span>
      <span className={styles.percent}>{percent(entry.probability)}</span>
      <Progress.Root size={8} radius="xl" className={styles.track} aria-hidden="true">
        <Progress.Section value={entry.probability * 100} withAria={false} className={styles.bar} />
      </Progress.Root>
    </li>
  )
}

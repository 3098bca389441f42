import styles from './ModelFooter.module.css'
import type { Metrics } from './useModel'

const number = new Intl.NumberFormat('en')

function share(value: number): string {
  return `${(value * 100).toFixed(1)}%`
}

/** One line a set of photos, under the set's own name: a number without its photos says nothing. */
export function Measured({ metrics }: { metrics: Record<string, Metrics> }) {
  const sets = Object.entries(metrics)
  if (sets.length === 0) return null
  return (
    <ul className={styles.measured} aria-label="Measured accuracy">
      {sets.map(([set, { photos, breeds, top1, top1_interval: [low, high], top5 }]) => (
        <li key={set}>
          Right at the first guess on <strong>{share(top1)}</strong>
          {low !== undefined && high !== undefined && ` (${share(low)} to ${share(high)})`} of {number.format(photos)} photos
          of {breeds} breeds, in the first five on {share(top5)}: {set.replaceAll(/[-_]/g, ' ')}.
        </li>
      ))}
    </ul>
  )
}

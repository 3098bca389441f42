import styles from './ModelFooter.module.css'
import type { Metrics } from './useModel'

const number = new Intl.NumberFormat('en')

function share(value: number): string {
  return `${(value * 100).toFixed(1)}%`
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.')
}

/** One line a set of photos, under the set's own name: a number without its photos says nothing. */
export function Measured({ metrics }: { metrics: Record<string, Metrics> }) {
  const sets = Object.entries(metrics)
  if (sets.length === 0) return null
  return (
    <ul className={styles.measured} aria-label="Measured accuracy">
      {sets.map(([set, { description, photos, breeds, top1, top1_interval: [low, high], top5 }]) => (
        <li key={set}>
          <strong>{share(top1)}</strong> right at the first guess
          {low !== undefined && high !== undefined && ` (${share(low)} to ${share(high)})`}, {share(top5)} in the first five:{' '}
          {set.replaceAll(/[-_]/g, ' ')}, {number.format(photos)} of {breeds} breeds.
          {description && ` ${sentence(description)}`}
        </li>
      ))}
    </ul>
  )
}

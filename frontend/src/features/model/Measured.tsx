import { useTranslation } from 'react-i18next'
import styles from './ModelPage.module.css'
import type { Metrics } from './useModel'
import { useFigures } from '../../components/useFigures'

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.')
}

/** One figure a set of photos, under the set's own description: a number without its photos says nothing. */
export function Measured({ metrics }: { metrics: Record<string, Metrics> }) {
  const { t } = useTranslation()
  const sets = Object.entries(metrics)
  return (
    <section aria-labelledby="measured">
      <h2 id="measured">{t('model.measured')}</h2>
      <p className={styles.explanation}>{t(sets.length > 0 ? 'model.measuredLead' : 'model.notMeasured')}</p>
      <ul className={styles.sets}>
        {sets.map(([set, metrics]) => (
          <MeasuredSet key={set} set={set} metrics={metrics} />
        ))}
      </ul>
    </section>
  )
}

function MeasuredSet({ set, metrics }: { set: string; metrics: Metrics }) {
  const { t } = useTranslation()
  const { share, number } = useFigures()
  const interval = ([low = 0, high = 0]: number[]) => `(${share(low)} – ${share(high)})`
  return (
    <li className={styles.set}>
      <dl className={styles.figures}>
        <div>
          <dt>{t('model.firstGuess')}</dt>
          <dd>
            <strong>{share(metrics.top1)}</strong> {interval(metrics.top1_interval)}
          </dd>
        </div>
        <div>
          <dt>{t('model.firstFive')}</dt>
          <dd>
            <strong>{share(metrics.top5)}</strong> {interval(metrics.top5_interval)}
          </dd>
        </div>
      </dl>
      <p>
        {sentence(metrics.description || set.replaceAll(/[-_]/g, ' '))}{' '}
        <span className={styles.count}>
          {t('model.photosOf', { photos: number(metrics.photos), breeds: number(metrics.breeds) })}
        </span>
      </p>
    </li>
  )
}

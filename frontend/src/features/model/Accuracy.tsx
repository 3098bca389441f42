import { useTranslation } from 'react-i18next'
import type { Metrics } from '../../api/types'
import { useNumberFormat } from '../../components/useNumberFormat'
import styles from './Accuracy.module.css'
import sections from './section.module.css'

function asSentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.')
}

/** The accuracy on each test set, with the description of the set: accuracy depends on the photos. */
export function Accuracy({ metrics }: { metrics: Record<string, Metrics> }) {
  const { t } = useTranslation()
  const testSets = Object.entries(metrics)
  return (
    <section aria-labelledby="accuracy">
      <h2 id="accuracy">{t('model.accuracy')}</h2>
      <p className={sections.explanation}>{t(testSets.length > 0 ? 'model.accuracyLead' : 'model.notMeasured')}</p>
      <ul className={styles.testSets}>
        {testSets.map(([name, metrics]) => (
          <TestSet key={name} name={name} metrics={metrics} />
        ))}
      </ul>
    </section>
  )
}

function TestSet({ name, metrics }: { name: string; metrics: Metrics }) {
  const { t } = useTranslation()
  const { percentWithDecimal, count } = useNumberFormat()
  const interval = ([low = 0, high = 0]: number[]) => `(${percentWithDecimal(low)} – ${percentWithDecimal(high)})`
  return (
    <li className={styles.testSet}>
      <dl className={styles.figures}>
        <div>
          <dt>{t('model.firstGuess')}</dt>
          <dd>
            <strong>{percentWithDecimal(metrics.top1)}</strong> {interval(metrics.top1_interval)}
          </dd>
        </div>
        <div>
          <dt>{t('model.firstFive')}</dt>
          <dd>
            <strong>{percentWithDecimal(metrics.top5)}</strong> {interval(metrics.top5_interval)}
          </dd>
        </div>
      </dl>
      <p>
        {asSentence(metrics.description || name.replaceAll(/[-_]/g, ' '))}{' '}
        <span className={sections.muted}>
          {t('model.photosOf', { photos: count(metrics.photos), breeds: count(metrics.breeds) })}
        </span>
      </p>
    </li>
  )
}

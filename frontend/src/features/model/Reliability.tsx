import { useTranslation } from 'react-i18next'
import type { Trust } from '../../api/types'
import { useNumberFormat } from '../../components/useNumberFormat'
import styles from './Reliability.module.css'
import sections from './section.module.css'

/** What the verdict, the shortlist and the check for dogs are calibrated to. Renders nothing for a model without them. */
export function Reliability({ trust }: { trust: Trust }) {
  const { t } = useTranslation()
  const { wholePercent, count } = useNumberFormat()
  const promises = trust.verdicts.flatMap(({ kind, promised, measured }) => {
    if (kind === 'uncertain' || kind === 'not_a_dog') return []
    const promise = t(`model.verdicts.${kind}`, { share: wholePercent(promised) })
    if (!measured) return [promise]
    return [`${promise} ${t('model.measured', { right: count(measured.right), photos: count(measured.photos) })}`]
  })
  const targets = [
    ...promises,
    trust.shortlist_coverage && t('model.shortlistCoverage', { share: wholePercent(trust.shortlist_coverage) }),
    trust.dogs_kept && t('model.dogsKept', { share: wholePercent(trust.dogs_kept) }),
  ].filter((target) => typeof target === 'string')
  if (targets.length === 0) return null
  return (
    <section aria-labelledby="reliability">
      <h2 id="reliability">{t('model.reliability')}</h2>
      <ul className={styles.targets}>
        {targets.map((target) => (
          <li key={target}>{target}</li>
        ))}
      </ul>
      {trust.photos !== null && (
        <p className={sections.muted}>{t('model.calibrationPhotos', { photos: count(trust.photos) })}</p>
      )}
    </section>
  )
}

import { useTranslation } from 'react-i18next'
import { useBreedName } from '../../components/useBreedName'
import styles from './Answer.module.css'
import type { BreedProbability } from './types'
import { usePercent } from './usePercent'

/** Few enough to be read at a glance; a longer list helps nobody. */
const MOST = 8

/** The breeds among which the right one almost always is. One alone says nothing that the heading does not. */
export function Shortlist({ breeds, coverage }: { breeds: BreedProbability[]; coverage: number | null }) {
  const { t } = useTranslation()
  const nameOf = useBreedName()
  const percent = usePercent()
  if (breeds.length < 2 || breeds.length > MOST) return null
  return (
    <section className={styles.shortlist} aria-label={t('verdict.shortlist')}>
      <h3>{t('verdict.shortlist')}</h3>
      <ul>
        {breeds.map((entry) => (
          <li key={entry.breed}>{nameOf(entry)}</li>
        ))}
      </ul>
      {coverage && <p>{t('verdict.shortlistNote', { share: percent(coverage) })}</p>}
    </section>
  )
}

import { useTranslation } from 'react-i18next'
import type { BreedProbability } from '../../api/types'
import { useBreedName } from '../../components/useBreedName'
import styles from './Answer.module.css'
import { useProbabilityFormat } from './useProbabilityFormat'

/** A longer list is not helpful. */
const MAX_LENGTH = 8

/** A short list of breeds that almost always includes the right one. A list of one only repeats the heading and is not shown. */
export function Shortlist({ breeds, coverage }: { breeds: BreedProbability[]; coverage: number | null }) {
  const { t } = useTranslation()
  const nameOf = useBreedName()
  const percent = useProbabilityFormat()
  if (breeds.length < 2 || breeds.length > MAX_LENGTH) return null
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

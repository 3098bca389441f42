import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BreedProbability } from '../../api/types'
import BreedSelect from '../../components/BreedSelect'
import { useBreedName } from '../../components/useBreedName'
import { BreedReferences } from './BreedReferences'
import styles from './Compare.module.css'
import { useProbabilityFormat } from './useProbabilityFormat'

/** A search for photos of a breed on Wikimedia Commons. */
function photosUrl(name: string): string {
  const query = new URLSearchParams({ title: 'Special:MediaSearch', type: 'image', search: `${name} dog` })
  return `https://commons.wikimedia.org/w/index.php?${query}`
}

/** Compares two breeds, initially the two most likely ones. */
export default function Compare({ probabilities }: { probabilities: BreedProbability[] }) {
  const { t } = useTranslation()
  const nameOf = useBreedName()
  const [chosen, setChosen] = useState([probabilities[0]?.breed ?? '', probabilities[1]?.breed ?? ''])
  const choices = probabilities
    .map((entry) => ({ value: entry.breed, label: nameOf(entry), aliases: [entry.name] }))
    .sort((one, other) => one.label.localeCompare(other.label))
  const pair = chosen.flatMap((breed) => probabilities.find((entry) => entry.breed === breed) ?? [])
  const [first, second] = pair

  const choose = (place: 0 | 1) => (breed: string | null) =>
    breed && setChosen((now) => now.map((old, index) => (index === place ? breed : old)))

  return (
    <div className={styles.compare}>
      <div className={styles.pair}>
        <BreedSelect label={t('compare.first')} choices={choices} value={chosen[0] ?? null} onChange={choose(0)} />
        <BreedSelect label={t('compare.second')} choices={choices} value={chosen[1] ?? null} onChange={choose(1)} />
      </div>
      {first && second && first !== second ? <Between first={first} second={second} /> : <p>{t('compare.same')}</p>}
    </div>
  )
}

function Between({ first, second }: { first: BreedProbability; second: BreedProbability }) {
  const { t } = useTranslation()
  const nameOf = useBreedName()
  const percent = useProbabilityFormat()
  const total = first.probability + second.probability
  const share = total > 0 ? first.probability / total : 0.5
  return (
    <>
      <p className={styles.between}>{t('compare.between')}</p>
      <div className={styles.shares}>
        <span>
          <strong>{percent(share)}</strong> {nameOf(first)}
        </span>
        <span>
          <strong>{percent(1 - share)}</strong> {nameOf(second)}
        </span>
      </div>
      <div className={styles.scale} aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <p className={styles.pictures}>{t('compare.pictures')}</p>
      <ul className={styles.links}>
        {[first, second].map((entry) => (
          <li key={entry.breed}>
            <a href={photosUrl(entry.name)} target="_blank" rel="noreferrer">
              {t('compare.picturesOf', { name: nameOf(entry) })}
            </a>
            <BreedReferences breed={entry.breed} />
          </li>
        ))}
      </ul>
    </>
  )
}

import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BreedProbability } from '../../api/types'
import { Button } from '../../components/Button'
import { SearchField } from '../../components/SearchField'
import { searchText } from '../../components/searchText'
import { useBreedName } from '../../components/useBreedName'
import styles from './AllBreeds.module.css'
import { BreedBar } from './BreedBar'

const SHOWN_AT_FIRST = 5

/** The five most likely breeds, and on request all breeds with a search. */
export function AllBreeds({ probabilities }: { probabilities: BreedProbability[] }) {
  const { t } = useTranslation()
  const nameOf = useBreedName()
  const [isOpen, setIsOpen] = useState(false)
  const [search, setSearch] = useState('')
  const listId = useId()

  const count = probabilities.length
  const wanted = searchText(search)
  const ranked = probabilities.map((entry, index) => ({ ...entry, rank: index + 1 }))
  const found = ranked.filter((entry) =>
    [nameOf(entry), entry.name, entry.breed].some((name) => searchText(name).includes(wanted)),
  )
  const shown = isOpen ? found : ranked.slice(0, SHOWN_AT_FIRST)

  return (
    <div className={styles.breeds}>
      <div className={styles.head}>
        <h3 className={styles.title}>{isOpen ? t('answer.allBreeds') : t('answer.mostLikely')}</h3>
        {count > SHOWN_AT_FIRST && (
          <Button
            variant="subtle"
            className={styles.toggle}
            aria-expanded={isOpen}
            aria-controls={listId}
            onClick={() => setIsOpen(!isOpen)}
          >
            {isOpen ? t('answer.showFewer') : t('answer.showAll', { count })}
          </Button>
        )}
      </div>
      {isOpen && (
        <SearchField
          label={t('answer.search')}
          placeholder={t('answer.searchAmong', { count })}
          value={search}
          onChange={setSearch}
          className={styles.search}
        />
      )}
      <ol id={listId} className={styles.list} aria-label={t('answer.list')}>
        {shown.map((entry) => (
          <BreedBar key={entry.breed} entry={entry} isRanked={isOpen} />
        ))}
      </ol>
      {isOpen && (
        <p role="status" className={styles.count}>
          {found.length === 0
            ? t('answer.noneFound', { search })
            : search && t('answer.found', { found: found.length, count })}
        </p>
      )}
    </div>
  )
}

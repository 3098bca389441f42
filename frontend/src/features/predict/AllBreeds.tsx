import { Button, TextInput } from '@mantine/core'
import { useId, useState } from 'react'
import styles from './AllBreeds.module.css'
import { BreedBar } from './BreedBar'
import type { BreedProbability } from './types'

const FIRST = 5

/** Letters and digits only, so that "wire haired" finds "Wire-haired". */
function plain(text: string): string {
  return text.normalize('NFKD').toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

/** The first five, and on request every class with a search field. */
export function AllBreeds({ probabilities }: { probabilities: BreedProbability[] }) {
  const [isOpen, setIsOpen] = useState(false)
  const [search, setSearch] = useState('')
  const listId = useId()

  const ranked = probabilities.map((entry, index) => ({ ...entry, rank: index + 1 }))
  const found = ranked.filter(({ name, breed }) => plain(name).includes(plain(search)) || plain(breed).includes(plain(search)))
  const shown = isOpen ? found : ranked.slice(0, FIRST)
  const hasMore = ranked.length > FIRST

  return (
    <div className={styles.breeds}>
      <div className={styles.head}>
        <p className={styles.title}>{isOpen ? 'All breeds' : 'Most likely'}</p>
        {hasMore && (
          <Button
            variant="subtle"
            className={styles.toggle}
            aria-expanded={isOpen}
            aria-controls={listId}
            onClick={() => setIsOpen(!isOpen)}
          >
            {isOpen ? 'Show fewer breeds' : `Show all ${ranked.length} breeds`}
          </Button>
        )}
      </div>
      {isOpen && (
        <TextInput
          type="search"
          size="md"
          className={styles.search}
          aria-label="Search breeds"
          placeholder={`Search ${ranked.length} breeds`}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <ol id={listId} className={styles.list} aria-label="Breeds by probability">
        {shown.map((entry) => (
          <BreedBar key={entry.breed} entry={entry} isRanked={isOpen} />
        ))}
      </ol>
      {isOpen && (
        <p role="status" className={styles.count}>
          {found.length === 0 ? `No breed is called “${search}” here.` : search && `${found.length} of ${ranked.length} breeds`}
        </p>
      )}
    </div>
  )
}

import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CatalogueBreed } from '../../api/types'
import { Disclosure } from '../../components/Disclosure'
import { SearchField } from '../../components/SearchField'
import { searchText } from '../../components/searchText'
import { useBreedName } from '../../components/useBreedName'
import { useNumberFormat } from '../../components/useNumberFormat'
import styles from './BreedCatalogue.module.css'

const GROUPS = [
  'herding',
  'hound',
  'non-sporting',
  'sporting',
  'terrier',
  'toy',
  'working',
  'foundation stock',
  'wild',
  'other',
] as const
type Group = (typeof GROUPS)[number]

function groupOf({ group }: CatalogueBreed): Group {
  return GROUPS.find((known) => known === group) ?? 'other'
}

interface NamedBreed {
  breed: string
  name: string
  /** The number of photos that it was taught from; null if it was trained. */
  taughtFrom: number | null
}

function byName(breeds: NamedBreed[]): NamedBreed[] {
  return breeds.sort((one, other) => one.name.localeCompare(other.name))
}

/** A search for a breed by any of its names, and on request all breeds that the model knows, by group. */
export function BreedCatalogue({ breeds }: { breeds: CatalogueBreed[] }) {
  const { t } = useTranslation()
  const nameOf = useBreedName()
  const [search, setSearch] = useState('')
  const wanted = searchText(search)
  const found = breeds.filter((breed) =>
    [nameOf(breed), breed.name, breed.breed, ...breed.aliases].some((name) => searchText(name).includes(wanted)),
  )
  const named = (some: CatalogueBreed[]) =>
    byName(some.map((breed) => ({ breed: breed.breed, name: nameOf(breed), taughtFrom: breed.taught_from })))
  const groups = GROUPS.map((group) => ({ group, members: named(breeds.filter((breed) => groupOf(breed) === group)) }))
  const count = breeds.length

  return (
    <section aria-labelledby="breeds">
      <h2 id="breeds">{t('model.breeds')}</h2>
      <SearchField
        label={t('model.searchBreeds')}
        placeholder={t('answer.searchAmong', { count })}
        value={search}
        onChange={setSearch}
        className={styles.search}
      />
      <p role="status" className={styles.count}>
        {search &&
          (found.length === 0 ? t('model.noneFound', { search }) : t('answer.found', { found: found.length, count }))}
      </p>
      {search && found.length > 0 && <BreedList breeds={named(found)} className={styles.found} />}
      <Disclosure title={t('model.allBreeds', { count })}>
        <div className={styles.groups}>
          {groups
            .filter(({ members }) => members.length > 0)
            .map(({ group, members }) => (
              <div key={group} className={styles.group}>
                <h3>{t(`model.groups.${group}`)}</h3>
                <BreedList breeds={members} />
              </div>
            ))}
        </div>
      </Disclosure>
    </section>
  )
}

function BreedList({ breeds, className }: { breeds: NamedBreed[]; className?: string }) {
  const { t } = useTranslation()
  const { count } = useNumberFormat()
  return (
    <ul className={className}>
      {breeds.map(({ breed, name, taughtFrom }) => (
        <li key={breed} title={t('answer.label', { breed })}>
          {name}
          {taughtFrom && <span className={styles.taught}> {t('model.taught', { photos: count(taughtFrom) })}</span>}
        </li>
      ))}
    </ul>
  )
}

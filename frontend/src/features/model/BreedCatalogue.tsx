import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CatalogueBreed } from '../../api/types'
import { SearchField } from '../../components/SearchField'
import { searchText } from '../../components/searchText'
import { useBreedName } from '../../components/useBreedName'
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

/** All breeds that the model knows, by group, with a search for any of their names. */
export function BreedCatalogue({ breeds }: { breeds: CatalogueBreed[] }) {
  const { t } = useTranslation()
  const nameOf = useBreedName()
  const [search, setSearch] = useState('')
  const wanted = searchText(search)
  const found = breeds.filter((breed) =>
    [nameOf(breed), breed.name, breed.breed, ...breed.aliases].some((name) => searchText(name).includes(wanted)),
  )
  const inGroup = (group: Group) =>
    found
      .filter((breed) => groupOf(breed) === group)
      .map((breed) => ({ breed: breed.breed, name: nameOf(breed) }))
      .sort((one, other) => one.name.localeCompare(other.name))

  return (
    <section aria-labelledby="breeds">
      <h2 id="breeds">{t('model.breeds')}</h2>
      <SearchField
        label={t('model.searchBreeds')}
        placeholder={t('model.searchBreeds')}
        value={search}
        onChange={setSearch}
        className={styles.search}
      />
      <p role="status">{found.length === 0 && t('model.noneFound', { search })}</p>
      <div className={styles.groups}>
        {GROUPS.map((group) => ({ group, members: inGroup(group) }))
          .filter(({ members }) => members.length > 0)
          .map(({ group, members }) => (
            <div key={group} className={styles.group}>
              <h3>{t(`model.groups.${group}`)}</h3>
              <ul>
                {members.map(({ breed, name }) => (
                  <li key={breed} title={t('answer.label', { breed })}>
                    {name}
                  </li>
                ))}
              </ul>
            </div>
          ))}
      </div>
    </section>
  )
}

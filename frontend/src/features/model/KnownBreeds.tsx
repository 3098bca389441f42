import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { plainText } from '../../components/plainText'
import { SearchField } from '../../components/SearchField'
import { useBreedName } from '../../components/useBreedName'
import type { components } from '../../api/schema'
import styles from './ModelPage.module.css'

type Breed = components['schemas']['CatalogueBreed']

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

function groupOf({ group }: Breed): Group {
  return GROUPS.find((known) => known === group) ?? 'other'
}

/** Every breed that an answer can name, by group, found by any of its names. */
export function KnownBreeds({ breeds }: { breeds: Breed[] }) {
  const { t } = useTranslation()
  const nameOf = useBreedName()
  const [search, setSearch] = useState('')
  const wanted = plainText(search)
  const found = breeds.filter((breed) =>
    [nameOf(breed), breed.name, breed.breed, ...breed.aliases].some((name) => plainText(name).includes(wanted)),
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

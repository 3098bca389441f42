import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { getJson } from '../../api/request'
import type { BreedPhotos as Photos, CatalogueBreed, Conclusion, GalleryPhoto } from '../../api/types'
import { useModel } from '../../api/useModel'
import { useBreedName } from '../../components/useBreedName'
import styles from './BreedPhotos.module.css'
import { kindOf } from './useHeadline'

/** The labels of the breeds that an answer names. */
function namedBreeds({ breed, verdict }: Conclusion): string[] {
  switch (verdict && kindOf(verdict)) {
    case 'breed':
    case 'probably':
      return [breed]
    case 'one_of':
      return verdict?.breeds.map((entry) => entry.breed) ?? []
    default:
      return []
  }
}

/** Photos of the breeds that the answer names, if the server has any. */
export function BreedPhotos({ prediction }: { prediction: Conclusion }) {
  const { t } = useTranslation()
  const known = useModel().data?.breeds ?? []
  const named = namedBreeds(prediction)
  const breeds = named.flatMap((label) => known.find(({ breed, photos }) => breed === label && photos) ?? [])
  if (breeds.length === 0) return null
  const title = named.length > 1 ? t('breedPhotos.titleOfSeveral') : t('breedPhotos.title')
  return (
    <section className={styles.breedPhotos} aria-label={title}>
      <h3>{title}</h3>
      {breeds.map((breed) => (
        <PhotoRow key={breed.breed} breed={breed} isOneOfSeveral={named.length > 1} />
      ))}
    </section>
  )
}

function PhotoRow({ breed, isOneOfSeveral }: { breed: CatalogueBreed; isOneOfSeveral: boolean }) {
  const name = useBreedName()(breed)
  const { data } = useQuery({
    queryKey: ['breed photos', breed.breed],
    queryFn: ({ signal }) => getJson<Photos>(breed.photos ?? '', signal),
    retry: false,
    staleTime: Infinity,
  })
  return (
    <>
      {isOneOfSeveral && <h4>{name}</h4>}
      <ul className={styles.photos} aria-label={name}>
        {data?.photos.map((photo, index) => (
          <li key={photo.url}>
            <Photo photo={photo} name={name} number={index + 1} />
          </li>
        ))}
      </ul>
    </>
  )
}

function Photo({ photo, name, number }: { photo: GalleryPhoto; name: string; number: number }) {
  const { t } = useTranslation()
  return (
    <figure>
      <img
        src={photo.url}
        width={photo.width}
        height={photo.height}
        loading="lazy"
        decoding="async"
        alt={t('breedPhotos.alt', { name, number })}
      />
      <figcaption>
        <Linked address={photo.source_url}>{photo.author}</Linked>
        <Linked address={photo.licence_url}>{photo.licence}</Linked>
      </figcaption>
    </figure>
  )
}

function Linked({ address, children }: { address: string | null; children: string }) {
  if (!address) return <span>{children}</span>
  return (
    <a href={address} target="_blank" rel="noreferrer">
      {children}
    </a>
  )
}

import type { Photo } from '../../components/photo'

export const MAX_PHOTOS = 50
/** The server combines at most this many photos of one dog. */
export const MAX_PHOTOS_OF_DOG = 16

/** The chosen photos, and what the visitor says about them. */
export interface PhotoSet {
  photos: Photo[]
  shownId: number
  /** Whether the photos, except those kept apart, show one dog. */
  isOneDog: boolean
  apartIds: number[]
  /** Whether the answer for the dog is shown, and not the one to the shown photo. */
  isDogShown: boolean
}

export const NO_PHOTOS = newSet([])

export function newSet(photos: Photo[]): PhotoSet {
  return { photos, shownId: photos[0]?.id ?? 0, isOneDog: false, apartIds: [], isDogShown: true }
}

/** The photos that are answered together: at least two, or none. */
export function photosOfDog({ photos, isOneDog, apartIds }: PhotoSet): Photo[] {
  const together = isOneDog ? photos.filter(({ id }) => !apartIds.includes(id)) : []
  return together.length > 1 ? together : []
}

/** How many photos of the shown dog can be added. */
export function roomInDog(set: PhotoSet): number {
  const together = photosOfDog(set)
  if (set.photos.length === 0 || (together.length > 0 && set.apartIds.includes(set.shownId))) return 0
  return Math.min(MAX_PHOTOS_OF_DOG - Math.max(together.length, 1), MAX_PHOTOS - set.photos.length)
}

/** More photos of the dog. Without such a dog so far, it is the one in the shown photo. */
export function withPhotosOfDog(set: PhotoSet, more: Photo[]): PhotoSet {
  const isDog = photosOfDog(set).length > 0
  const others = set.photos.map(({ id }) => id).filter((id) => id !== set.shownId)
  return {
    photos: [...set.photos, ...more],
    shownId: more[0]?.id ?? set.shownId,
    isOneDog: true,
    apartIds: isDog ? set.apartIds : others,
    isDogShown: true,
  }
}

export function withOneDog(set: PhotoSet, isOneDog: boolean): PhotoSet {
  return { ...set, isOneDog, apartIds: [], isDogShown: true }
}

export function showing(set: PhotoSet, shownId: number): PhotoSet {
  return { ...set, shownId, isDogShown: false }
}

export function showingDog(set: PhotoSet): PhotoSet {
  return { ...set, isDogShown: true }
}

export function without(set: PhotoSet, id: number): PhotoSet {
  const photos = set.photos.filter((photo) => photo.id !== id)
  return { ...set, photos, shownId: set.shownId === id ? (photos[0]?.id ?? 0) : set.shownId }
}

export function withApart(set: PhotoSet, id: number): PhotoSet {
  return { ...set, apartIds: [...set.apartIds, id] }
}

export function withoutApart(set: PhotoSet, id: number): PhotoSet {
  return { ...set, apartIds: set.apartIds.filter((apart) => apart !== id), isDogShown: true }
}

/** A part of a photo comes after it. Among photos of one dog it takes the photo's place: both are the same view of the dog. */
export function withPart(set: PhotoSet, id: number, part: Photo): PhotoSet {
  const replaces = photosOfDog(set).some((photo) => photo.id === id)
  const photos = set.photos.flatMap((photo) => (photo.id !== id ? photo : replaces ? part : [photo, part]))
  const apartIds = set.apartIds.includes(id) ? [...set.apartIds, part.id] : set.apartIds
  return { ...set, photos, apartIds, shownId: part.id, isDogShown: replaces }
}

import { useCallback, useEffect, useRef, useState } from 'react'
import type { Photo } from '../../components/photo'
import { checkPhoto, type FileRejection } from './checkPhoto'
import { MAX_PHOTOS, newSet, NO_PHOTOS, roomInDog, withPart, withPhotosOfDog, type PhotoSet } from './photoSet'
import { useAcceptedFormats } from './useAcceptedFormats'

/**
 * The chosen photos, and why files were rejected. New photos replace the earlier ones, unless they are added to them. If all
 * new files are rejected, the earlier photos stay.
 */
export function usePhotos() {
  const [set, setSet] = useState<PhotoSet>(NO_PHOTOS)
  const [rejections, setRejections] = useState<FileRejection[]>([])
  const [tooMany, setTooMany] = useState<{ count: number; limit: number } | null>(null)
  const lastId = useRef(0)
  const { mediaTypes } = useAcceptedFormats()

  const toPhoto = useCallback(
    (file: File): Photo => ({ id: (lastId.current += 1), file, url: URL.createObjectURL(file) }),
    [],
  )
  const accept = useCallback(
    (files: File[], limit: number): Photo[] => {
      const checked = files.map((file) => ({ file, rejection: checkPhoto(file, mediaTypes) }))
      const accepted = checked.filter(({ rejection }) => !rejection)
      setRejections(checked.map(({ rejection }) => rejection).filter((rejection) => rejection !== null))
      setTooMany(accepted.length > limit ? { count: accepted.length, limit } : null)
      return accepted.slice(0, limit).map(({ file }) => toPhoto(file))
    },
    [mediaTypes, toPhoto],
  )

  const addFiles = useCallback(
    (files: File[]) => {
      if (files.length === 0) return
      const photos = accept(files, MAX_PHOTOS)
      if (photos.length > 0) setSet(newSet(photos))
    },
    [accept],
  )
  const addToDog = (files: File[]) => {
    if (files.length === 0) return
    const photos = accept(files, roomInDog(set))
    if (photos.length > 0) setSet((now) => withPhotosOfDog(now, photos))
  }
  const addPart = (id: number, file: File) => {
    const part = toPhoto(file)
    setSet((now) => withPart(now, id, part))
  }
  useRevokedUrls(set.photos)

  return {
    set,
    shown: set.photos.find(({ id }) => id === set.shownId),
    rejections,
    tooMany,
    addFiles,
    addToDog,
    addPart,
    /** Changes what the visitor says about the photos. */
    change: setSet,
  }
}

/** Frees the memory of photos that have been replaced or removed. */
function useRevokedUrls(photos: Photo[]) {
  const known = useRef<Photo[]>([])
  useEffect(() => {
    for (const photo of known.current) if (!photos.includes(photo)) URL.revokeObjectURL(photo.url)
    known.current = photos
  }, [photos])
}

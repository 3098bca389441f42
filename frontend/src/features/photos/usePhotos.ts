import { useCallback, useEffect, useRef, useState } from 'react'
import type { Photo } from '../../components/photo'
import { checkPhoto, type FileRejection } from './checkPhoto'
import { useAcceptedFormats } from './useAcceptedFormats'

export const MAX_PHOTOS = 50

interface Batch {
  photos: Photo[]
  /** The id of the photo that is shown. */
  shownId: number
}

/**
 * The chosen photos, and why files were rejected. New photos replace the earlier ones. If all new files are rejected, the
 * earlier photos stay.
 */
export function usePhotos() {
  const [batch, setBatch] = useState<Batch>({ photos: [], shownId: 0 })
  const [rejections, setRejections] = useState<FileRejection[]>([])
  const [tooMany, setTooMany] = useState(0)
  const lastId = useRef(0)
  const { mediaTypes } = useAcceptedFormats()

  const addFiles = useCallback(
    (files: File[]) => {
      if (files.length === 0) return
      const checked = files.map((file) => ({ file, rejection: checkPhoto(file, mediaTypes) }))
      const accepted = checked.filter(({ rejection }) => !rejection)
      setRejections(checked.map(({ rejection }) => rejection).filter((rejection) => rejection !== null))
      setTooMany(accepted.length > MAX_PHOTOS ? accepted.length : 0)
      const photos = accepted.slice(0, MAX_PHOTOS).map(({ file }) => ({
        id: (lastId.current += 1),
        file,
        url: URL.createObjectURL(file),
      }))
      const first = photos[0]
      if (first) setBatch({ photos, shownId: first.id })
    },
    [mediaTypes],
  )

  const show = useCallback((shownId: number) => setBatch((now) => ({ ...now, shownId })), [])
  useRevokedUrls(batch.photos)

  return {
    photos: batch.photos,
    shown: batch.photos.find(({ id }) => id === batch.shownId),
    rejections,
    tooMany,
    addFiles,
    show,
  }
}

/** Frees the memory of photos that have been replaced. */
function useRevokedUrls(photos: Photo[]) {
  useEffect(() => () => photos.forEach(({ url }) => URL.revokeObjectURL(url)), [photos])
}

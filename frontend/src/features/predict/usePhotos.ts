import { useCallback, useEffect, useRef, useState } from 'react'
import { checkPhoto, type Refusal } from './checkPhoto'
import type { Photo } from './types'

export const MOST_AT_ONCE = 50

interface Batch {
  photos: Photo[]
  /** The photo that is shown, by its id. */
  shownId: number
}

/** The photos in hand, and why files were refused. Refusals alone leave the photos before them in place. */
export function usePhotos() {
  const [batch, setBatch] = useState<Batch>({ photos: [], shownId: 0 })
  const [refusals, setRefusals] = useState<Refusal[]>([])
  const [leftOut, setLeftOut] = useState(0)
  const lastId = useRef(0)

  const offer = useCallback((files: File[]) => {
    if (files.length === 0) return
    const refused = files.map(checkPhoto).filter((reason) => reason !== null)
    const good = files.filter((file) => !checkPhoto(file))
    setRefusals(refused)
    setLeftOut(good.length > MOST_AT_ONCE ? good.length : 0)
    const photos = good.slice(0, MOST_AT_ONCE).map((file) => ({
      id: (lastId.current += 1),
      file,
      url: URL.createObjectURL(file),
    }))
    const first = photos[0]
    if (first) setBatch({ photos, shownId: first.id })
  }, [])

  const show = useCallback((shownId: number) => setBatch((now) => ({ ...now, shownId })), [])
  useRevoked(batch.photos)

  return {
    photos: batch.photos,
    shown: batch.photos.find(({ id }) => id === batch.shownId),
    refusals,
    leftOut,
    offer,
    show,
  }
}

/** A photo's memory is given back when another takes its place. */
function useRevoked(photos: Photo[]) {
  useEffect(() => () => photos.forEach(({ url }) => URL.revokeObjectURL(url)), [photos])
}

import { useCallback, useRef, useState } from 'react'
import { checkPhoto } from './checkPhoto'
import type { Photo } from './types'

/** The photo in hand, and why the last file was refused. A refusal leaves the photo before it in place. */
export function usePhoto() {
  const [photo, setPhoto] = useState<Photo | null>(null)
  const [refusal, setRefusal] = useState<string | null>(null)
  const shownUrl = useRef<string | null>(null)
  const lastId = useRef(0)

  const offer = useCallback((file: File | null | undefined) => {
    if (!file) return
    const reason = checkPhoto(file)
    setRefusal(reason)
    if (reason) return
    if (shownUrl.current) URL.revokeObjectURL(shownUrl.current)
    shownUrl.current = URL.createObjectURL(file)
    lastId.current += 1
    setPhoto({ id: lastId.current, file, url: shownUrl.current })
  }, [])

  return { photo, refusal, offer }
}

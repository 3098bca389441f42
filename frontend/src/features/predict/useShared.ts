import { useEffect, useState } from 'react'
import { FILE_NAME, SHARED_PHOTOS } from './sharedPhotos'

/** Photos that came from another app's share menu, as if they had been chosen here; gives whether they got lost. */
export function useShared(onFiles: (files: File[]) => void): boolean {
  const [isLost, setLost] = useState(false)
  useEffect(() => {
    if (!new URLSearchParams(window.location.search).has('shared')) return
    window.history.replaceState(window.history.state, '', '/')
    void takeShared()
      .catch(() => []) // what the browser could not keep cannot be taken
      .then((files) => (files.length > 0 ? onFiles(files) : setLost(true)))
  }, [onFiles])
  return isLost
}

async function takeShared(): Promise<File[]> {
  const cache = await caches.open(SHARED_PHOTOS)
  const files = await Promise.all((await cache.keys()).map(async (key) => asFile(await cache.match(key))))
  await caches.delete(SHARED_PHOTOS)
  return files.filter((file) => file !== null)
}

async function asFile(kept: Response | undefined): Promise<File | null> {
  if (!kept) return null
  const type = kept.headers.get('Content-Type') ?? ''
  return new File([await kept.blob()], decodeURIComponent(kept.headers.get(FILE_NAME) ?? ''), { type })
}

import { useEffect, useState } from 'react'
import { FILE_NAME, SHARED_PHOTOS } from './sharedPhotosCache'

/** Takes photos from another app's share menu. Returns true if they were lost on the way. */
export function useSharedPhotos(onFiles: (files: File[]) => void): boolean {
  const [isLost, setIsLost] = useState(false)
  useEffect(() => {
    if (!new URLSearchParams(window.location.search).has('shared')) return
    window.history.replaceState(window.history.state, '', '/')
    void takeSharedFiles()
      .catch(() => []) // no access to the cache: the photos are lost
      .then((files) => (files.length > 0 ? onFiles(files) : setIsLost(true)))
  }, [onFiles])
  return isLost
}

async function takeSharedFiles(): Promise<File[]> {
  const cache = await caches.open(SHARED_PHOTOS)
  const files = await Promise.all((await cache.keys()).map(async (key) => toFile(await cache.match(key))))
  await caches.delete(SHARED_PHOTOS)
  return files.filter((file) => file !== null)
}

async function toFile(cached: Response | undefined): Promise<File | null> {
  if (!cached) return null
  const type = cached.headers.get('Content-Type') ?? ''
  return new File([await cached.blob()], decodeURIComponent(cached.headers.get(FILE_NAME) ?? ''), { type })
}

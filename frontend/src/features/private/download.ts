import { NetworkError } from '../../api/errors'
import { PRIVATE_FILES } from './privateFilesCache'

interface Options {
  /** The file's length, before compression. */
  bytes: number
  /** Called with the bytes that have arrived, and whether they came from this device. */
  onProgress: (loaded: number) => void
}

/** Browsers have no cache for pages on plain HTTP. Then the files are not kept, and private mode does not work offline. */
async function openCache(): Promise<Cache | null> {
  return globalThis.caches ? caches.open(PRIVATE_FILES).catch(() => null) : null
}

/**
 * A file that is kept on this device, or else from the server. `read` checks and reads it; a file that it rejects is not
 * kept. Rejects with a `NetworkError` if the file could not be loaded.
 */
export async function load<T>(
  url: string,
  options: Options,
  read: (file: Uint8Array<ArrayBuffer>) => Promise<T>,
): Promise<T> {
  const cache = await openCache()
  const kept = await cache?.match(url, { ignoreVary: true })
  if (kept) {
    const found = await kept
      .arrayBuffer()
      .then((buffer) => read(new Uint8Array(buffer)))
      .catch(() => null)
    if (found !== null) {
      options.onProgress(options.bytes)
      return found
    }
    await cache?.delete(url)
  }
  // Browsers' own cache would keep the file a second time, and a damaged one for a year.
  const { file, type } = await download(url, options, cache ? 'no-store' : 'default')
  const result = await read(file)
  await keep(cache, url, file, type)
  return result
}

async function download(url: string, { bytes, onProgress }: Options, kept: RequestCache) {
  const response = await fetch(url, { cache: kept }).catch(() => null)
  if (!response?.ok || !response.body) throw new NetworkError('network')
  const parts: Uint8Array<ArrayBuffer>[] = []
  let loaded = 0
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new NetworkError('network')
    })
    if (done) break
    parts.push(value)
    loaded += value.length
    onProgress(Math.min(loaded, bytes))
  }
  const file = new Uint8Array(await new Blob(parts).arrayBuffer())
  return { file, type: response.headers.get('Content-Type') ?? 'application/octet-stream' }
}

/** Without space on the device the file is loaded again next time. */
async function keep(cache: Cache | null, url: string, file: Uint8Array<ArrayBuffer>, type: string) {
  await cache?.put(url, new Response(file, { headers: { 'Content-Type': type } })).catch(() => undefined)
}

/** Keeps the script of this worker, which the service worker gives when there is no connection. */
export async function keepScript(url: string) {
  const cache = await openCache()
  if (!cache || (await cache.match(url, { ignoreVary: true }))) return
  await cache.add(url).catch(() => undefined)
}

/** Removes the files of earlier versions. */
export async function forgetOthers(urls: string[]) {
  const cache = await openCache()
  const current = urls.map((url) => new URL(url, globalThis.location.href).href)
  for (const { url } of (await cache?.keys()) ?? []) if (!current.includes(url)) await cache?.delete(url)
}

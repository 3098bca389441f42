import { NetworkError, apiError } from '../../api/errors'
import type { Prediction } from './types'

interface Options {
  signal: AbortSignal
  /** Share of the upload that has left the browser, 0..1. */
  onProgress: (sent: number) => void
}

const TIMEOUT_MS = 120_000

/** XMLHttpRequest and not fetch, because only it reports how much of an upload has been sent. */
export function predictImage(file: File, { signal, onProgress }: Options): Promise<Prediction> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', '/predictImage')
    request.responseType = 'json'
    request.timeout = TIMEOUT_MS
    request.setRequestHeader('Accept', 'application/json')

    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    }
    request.upload.onload = () => onProgress(1)
    request.onload = () => {
      if (request.status === 200 && request.response) resolve(request.response as Prediction)
      else reject(apiError(request.status, request.response, request.getResponseHeader('Retry-After')))
    }
    request.onerror = () =>
      reject(new NetworkError('The server could not be reached. Check your connection, then try again.'))
    request.ontimeout = () =>
      reject(new NetworkError('The server has not answered for two minutes. Please try again.'))
    request.onabort = () => reject(new DOMException('A newer photo took its place.', 'AbortError'))
    signal.addEventListener('abort', () => request.abort(), { once: true })

    const body = new FormData()
    body.append('image', file)
    request.send(body)
  })
}

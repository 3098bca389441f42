import { NetworkError, apiError } from '../../api/errors'
import type { Prediction } from '../../api/types'

interface Options {
  signal: AbortSignal
  /** Called with the share of the upload that has been sent, 0..1. */
  onProgress: (sent: number) => void
  /** Asks for a JPEG preview, for photos that this browser cannot decode. */
  wantsPreview?: boolean
  /** Asks for a heat map (class activation map). */
  wantsExplanation?: boolean
}

const TIMEOUT_MS = 120_000

/** Uses XMLHttpRequest because fetch does not report upload progress. */
export function predictImage(photo: Blob, name: string, options: Options): Promise<Prediction> {
  const { signal, onProgress, wantsPreview = false, wantsExplanation = false } = options
  const query = new URLSearchParams()
  if (wantsPreview) query.set('preview', 'true')
  if (wantsExplanation) query.set('explain', 'true')
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', query.size > 0 ? `/predictImage?${query}` : '/predictImage')
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
    request.onerror = () => reject(new NetworkError('network'))
    request.ontimeout = () => reject(new NetworkError('timeout'))
    request.onabort = () => reject(new DOMException('The request was aborted.', 'AbortError'))
    signal.addEventListener('abort', () => request.abort(), { once: true })
    if (signal.aborted) return request.abort()

    const body = new FormData()
    body.append('image', photo, name)
    request.send(body)
  })
}

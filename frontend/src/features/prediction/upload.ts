import { NetworkError, apiError } from '../../api/errors'

export interface UploadOptions {
  signal: AbortSignal
  /** Called with the share of the upload that has been sent, 0..1. */
  onProgress: (sent: number) => void
}

const TIMEOUT_MS = 120_000

/** Posts a form and returns the JSON answer. Uses XMLHttpRequest because fetch does not report upload progress. */
export function upload<T>(url: string, form: FormData, { signal, onProgress }: UploadOptions): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', url)
    request.responseType = 'json'
    request.timeout = TIMEOUT_MS
    request.setRequestHeader('Accept', 'application/json')

    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    }
    request.upload.onload = () => onProgress(1)
    request.onload = () => {
      if (request.status === 200 && request.response) resolve(request.response as T)
      else reject(apiError(request.status, request.response, request.getResponseHeader('Retry-After')))
    }
    request.onerror = () => reject(new NetworkError('network'))
    request.ontimeout = () => reject(new NetworkError('timeout'))
    request.onabort = () => reject(new DOMException('The request was aborted.', 'AbortError'))
    signal.addEventListener('abort', () => request.abort(), { once: true })
    if (signal.aborted) return request.abort()
    request.send(form)
  })
}

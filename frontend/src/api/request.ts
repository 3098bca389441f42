import { NetworkError, apiError } from './errors'

/** Sends a request and returns its JSON answer. Rejects with an `ApiError` or a `NetworkError`. */
async function sendRequest<T>(path: string, options: RequestInit): Promise<T> {
  const response = await fetch(new URL(path, window.location.href), options).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new NetworkError('network')
  })
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw apiError(response.status, body, response.headers.get('Retry-After'))
  return body as T
}

const ACCEPT = { Accept: 'application/json' }

/** The header for what only the sender of a photo may do. */
function withSecret(secret: string | null): Record<string, string> {
  return secret ? { 'X-Prediction-Secret': secret } : {}
}

export function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return sendRequest(path, { headers: ACCEPT, signal })
}

export function postJson<T>(path: string, body: unknown, secret: string | null): Promise<T> {
  return sendRequest(path, {
    method: 'POST',
    headers: { ...ACCEPT, ...withSecret(secret), 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
}

export function deleteResource(path: string, secret: string): Promise<null> {
  return sendRequest(path, { method: 'DELETE', headers: { ...ACCEPT, ...withSecret(secret) } })
}

export function postPhoto<T>(path: string, photo: Blob, name: string): Promise<T> {
  const form = new FormData()
  form.append('image', photo, name)
  return sendRequest(path, { method: 'POST', headers: ACCEPT, body: form })
}

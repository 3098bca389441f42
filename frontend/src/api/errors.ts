import type { components } from './schema'

type ErrorBody = components['schemas']['Error']

/** The API answered, and the answer was no. The message is the API's own `detail`. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly retryAfter: number | null

  constructor(status: number, body: ErrorBody, retryAfter: number | null = null) {
    super(body.detail)
    this.status = status
    this.code = body.code
    this.retryAfter = retryAfter
  }
}

/** No answer came: the network, or a server that is down. */
export class NetworkError extends Error {
  override name = 'NetworkError'
}

function isErrorBody(body: unknown): body is ErrorBody {
  return typeof body === 'object' && body !== null && 'detail' in body && typeof body.detail === 'string'
}

/** A proxy in front of the API answers without `detail`; then the status is all there is to say. */
export function apiError(status: number, body: unknown, retryAfterHeader: string | null): ApiError {
  const seconds = Number(retryAfterHeader)
  const retryAfter = retryAfterHeader !== null && Number.isFinite(seconds) ? seconds : null
  if (isErrorBody(body)) return new ApiError(status, body, retryAfter)
  const detail = `The server answered with status ${status} and gave no reason. Please try again in a moment.`
  return new ApiError(status, { code: 'unexplained', detail }, retryAfter)
}

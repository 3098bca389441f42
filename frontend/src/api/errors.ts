import type { components } from './schema'

type ErrorBody = components['schemas']['Error']

/** The API answered, and the answer was no. The message is the API's own `detail`, where it gave one. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  /** `unexplained` where something in front of the API answered in its place. */
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
  readonly reason: 'network' | 'timeout'

  constructor(reason: 'network' | 'timeout') {
    super(reason)
    this.reason = reason
  }
}

function isErrorBody(body: unknown): body is ErrorBody {
  return typeof body === 'object' && body !== null && 'detail' in body && typeof body.detail === 'string'
}

export function apiError(status: number, body: unknown, retryAfterHeader: string | null): ApiError {
  const seconds = Number(retryAfterHeader)
  const retryAfter = retryAfterHeader !== null && Number.isFinite(seconds) ? seconds : null
  return new ApiError(status, isErrorBody(body) ? body : { code: 'unexplained', detail: '' }, retryAfter)
}

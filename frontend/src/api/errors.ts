import type { ErrorBody } from './types'

/** The API answered with an error status. The message is the API's own `detail`, or empty if it gave none. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  /** `unexplained` if the answer did not come from the API itself, but from a proxy for example. */
  readonly code: string
  /** Seconds to wait before the next request. */
  readonly retryAfter: number | null

  constructor(status: number, body: ErrorBody, retryAfter: number | null = null) {
    super(body.detail)
    this.status = status
    this.code = body.code
    this.retryAfter = retryAfter
  }
}

/** There was no answer: the network failed or the server is down. */
export class NetworkError extends Error {
  override name = 'NetworkError'
  readonly reason: 'network' | 'timeout'

  constructor(reason: 'network' | 'timeout') {
    super(reason)
    this.reason = reason
  }
}

/** This device could not answer: see `DeviceError.code`. */
export class DeviceError extends Error {
  override name = 'DeviceError'
  readonly code: 'download' | 'damaged' | 'unsupported' | 'photo' | 'stopped'

  constructor(code: DeviceError['code']) {
    super(code)
    this.code = code
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

import { useQueries, type UseQueryResult } from '@tanstack/react-query'
import PQueue from 'p-queue'
import { useEffect, useState } from 'react'
import { ApiError, DeviceError, NetworkError } from '../../api/errors'
import { useModel } from '../../api/useModel'
import { useUploadRules } from '../../api/useUploadRules'
import type { Prediction } from '../../api/types'
import type { Photo } from '../../components/photo'
import type { Failed, InProgress, PhotoPrediction, PhotoState } from './photoState'
import { sendPhoto } from './sendPhoto'

const CONCURRENT_REQUESTS = 2
const DEFAULT_MAX_BYTES = 20 * 1024 * 1024
const DEFAULT_INPUT_SIDE = 256
/** If the server asks for a longer wait than this, the visitor decides whether to try again. */
const MAX_WAIT_S = 10
const MAX_RETRIES = 3

/** Answers are kept for this long after their photos are treated as photos of one dog. */
export const KEPT_MS = 30 * 60_000

/** The key of the answer to a photo. */
export function predictionKey(photoId: number) {
  return ['prediction', photoId] as const
}

export const queue = new PQueue({ concurrency: CONCURRENT_REQUESTS })

/** Retries only if the server is busy and says when it will be free. In all other cases the visitor decides. */
function shouldRetry(failures: number, error: Error): boolean {
  if (failures >= MAX_RETRIES || !(error instanceof ApiError)) return false
  return ['busy', 'throttled'].includes(error.code) && error.retryAfter !== null && error.retryAfter <= MAX_WAIT_S
}

function retryDelay(_failures: number, error: Error): number {
  return error instanceof ApiError ? (error.retryAfter ?? 1) * 1000 : 1000
}

/** For queries that send photos: they are asked once, and again only if the server says when. */
export const ASKED_ONCE = {
  retry: shouldRetry,
  retryDelay,
  staleTime: Infinity,
  refetchOnWindowFocus: false,
  refetchOnReconnect: false,
}

/** How large a photo may be, how large it has to be, and whether the model explains its answers. */
export function useRequestOptions() {
  const rules = useUploadRules()
  const { data: model } = useModel()
  const inputSide = Math.min(...(model?.input_size.slice(1) ?? [DEFAULT_INPUT_SIDE]))
  return {
    sufficientSide: 2 * inputSide,
    maxBytes: rules?.max_bytes ?? DEFAULT_MAX_BYTES,
    wantsExplanation: model?.trust.explains ?? false,
  }
}

/** Another way to answer photos than to send them. */
export interface OnDevice {
  /** Asked for each photo, when its turn comes. */
  isChosen: () => boolean
  /** Resolves when photos can be answered. */
  prepare: () => Promise<void>
  answer: (photo: File, signal: AbortSignal) => Promise<Prediction>
}

/**
 * Sends each photo once, a few at a time, and returns the state of each. Requests for photos that have been replaced are
 * aborted. Photos are answered by `onDevice` while that is chosen. Calls `onPrediction` with each file's name and result.
 */
export function usePredictions(
  photos: Photo[],
  onPrediction: (fileName: string, result: PhotoPrediction) => void,
  onDevice: OnDevice,
): PhotoState[] {
  const [progress, setProgress] = useState<Record<number, number | undefined>>({})
  const requestOptions = useRequestOptions()

  const answerHere = async ({ id, file }: Photo, signal: AbortSignal): Promise<PhotoPrediction> => {
    const report = (sent: number | undefined) => setProgress((now) => ({ ...now, [id]: sent }))
    report(undefined)
    await onDevice.prepare()
    report(1)
    return { prediction: await onDevice.answer(file, signal), sent: file }
  }

  const send = ({ id, file }: Photo, signal: AbortSignal): Promise<PhotoPrediction> => {
    const onProgress = (sent: number) => setProgress((now) => ({ ...now, [id]: sent }))
    onProgress(0)
    return sendPhoto(file, { ...requestOptions, signal, onProgress })
  }

  const predict = async (photo: Photo, signal: AbortSignal): Promise<PhotoPrediction> => {
    const result = await (onDevice.isChosen() ? answerHere : send)(photo, signal)
    onPrediction(photo.file.name, result)
    return result
  }

  const results = useQueries({
    queries: photos.map((photo) => ({
      queryKey: predictionKey(photo.id),
      queryFn: ({ signal }: { signal: AbortSignal }) => queue.add(() => predict(photo, signal), { signal }),
      gcTime: KEPT_MS,
      ...ASKED_ONCE,
    })),
  })
  useRetryWhenOnline(results)
  return results.map((result, index) => stateOf(result, progress[photos[index]?.id ?? 0]))
}

export function stateOf<Result>(
  result: UseQueryResult<Result>,
  sent: number | undefined,
): InProgress | { step: 'answered'; result: Result } | Failed {
  if (result.isFetching) {
    const isBusy = result.failureCount > 0
    if (sent === undefined && !isBusy) return { step: 'queued' }
    return sent === 1 && !isBusy ? { step: 'predicting' } : { step: 'sending', share: sent ?? 0, isBusy }
  }
  if (result.error) return { step: 'failed', error: result.error, tryAgain: () => void result.refetch() }
  return result.data !== undefined ? { step: 'answered', result: result.data } : { step: 'queued' }
}

/** Photos that failed because there was no connection. */
function isConnectionLost(error: Error | null): boolean {
  return error instanceof NetworkError || (error instanceof DeviceError && error.code === 'download')
}

/** Tries again when there is a connection. */
export function useRetryWhenOnline(results: UseQueryResult[]) {
  useEffect(() => {
    const onOnline = () => {
      for (const { error, refetch } of results) if (isConnectionLost(error)) void refetch()
    }
    window.addEventListener('online', onOnline)
    return () => window.removeEventListener('online', onOnline)
  })
}

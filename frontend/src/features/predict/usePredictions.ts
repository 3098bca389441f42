import { useQueries, type UseQueryResult } from '@tanstack/react-query'
import PQueue from 'p-queue'
import { useEffect, useState } from 'react'
import { ApiError, NetworkError } from '../../api/errors'
import { remember } from '../history/store'
import { useModel } from '../model/useModel'
import { sendPhoto } from './sendPhoto'
import type { Answered, Photo, PhotoState } from './types'
import { useUploadRules } from './useUploadRules'

const AT_ONCE = 2
const DEFAULT_MAX_BYTES = 20 * 1024 * 1024
const DEFAULT_INPUT_SIDE = 256
/** Longer than this nobody waits without being asked. */
const PATIENCE_S = 10
const MOST_RETRIES = 3

const queue = new PQueue({ concurrency: AT_ONCE })

/** A server that says when it will have room is asked again then. Everything else is for the person to decide. */
function shouldRetry(failures: number, error: Error): boolean {
  if (failures >= MOST_RETRIES || !(error instanceof ApiError)) return false
  return ['busy', 'throttled'].includes(error.code) && error.retryAfter !== null && error.retryAfter <= PATIENCE_S
}

function retryDelay(_failures: number, error: Error): number {
  return error instanceof ApiError ? (error.retryAfter ?? 1) * 1000 : 1000
}

/** Asks once for each photo, a few at a time. Photos that are no longer there are not asked about any more. */
export function usePredictions(photos: Photo[]): PhotoState[] {
  const [progress, setProgress] = useState<Record<number, number>>({})
  const rules = useUploadRules()
  const { data: model } = useModel()
  const side = Math.min(...(model?.input_size.slice(1) ?? [DEFAULT_INPUT_SIDE]))

  const ask = async (photo: Photo, signal: AbortSignal): Promise<Answered> => {
    const onProgress = (sent: number) => setProgress((now) => ({ ...now, [photo.id]: sent }))
    onProgress(0)
    const answered = await sendPhoto(photo.file, {
      signal,
      onProgress,
      sufficientSide: 2 * side,
      maxBytes: rules?.max_bytes ?? DEFAULT_MAX_BYTES,
      wantsExplanation: model?.trust.explains ?? false,
    })
    void remember(photo.file.name, answered)
    return answered
  }

  const results = useQueries({
    queries: photos.map((photo) => ({
      queryKey: ['prediction', photo.id],
      queryFn: ({ signal }: { signal: AbortSignal }) => queue.add(() => ask(photo, signal), { signal }),
      retry: shouldRetry,
      retryDelay,
      staleTime: Infinity,
      gcTime: 0,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
    })),
  })
  useAskedAgainOnline(results)
  return results.map((result, index) => stateOf(result, progress[photos[index]?.id ?? 0]))
}

function stateOf(result: UseQueryResult<Answered>, sent: number | undefined): PhotoState {
  if (result.isFetching) {
    const isBusy = result.failureCount > 0
    if (sent === undefined && !isBusy) return { step: 'queued' }
    return sent === 1 && !isBusy ? { step: 'looking' } : { step: 'sending', share: sent ?? 0, isBusy }
  }
  if (result.error) return { step: 'failed', error: result.error, askAgain: () => void result.refetch() }
  return result.data ? { step: 'answered', answered: result.data } : { step: 'queued' }
}

/** What failed for want of a connection is sent when there is one. */
function useAskedAgainOnline(results: UseQueryResult<Answered>[]) {
  useEffect(() => {
    const onOnline = () => {
      for (const { error, refetch } of results) if (error instanceof NetworkError) void refetch()
    }
    window.addEventListener('online', onOnline)
    return () => window.removeEventListener('online', onOnline)
  })
}

import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError } from '../../api/errors'
import type { ErrorBody, Prediction } from '../../api/types'
import type { Photo } from '../../components/photo'
import type { DogAnswers, DogState, PhotoPrediction, PhotoState } from './photoState'
import { predictDog } from './predictDog'
import {
  ASKED_ONCE,
  KEPT_MS,
  predictionKey,
  queue,
  stateOf,
  useRequestOptions,
  useRetryWhenOnline,
} from './usePredictions'

/**
 * Sends several photos of one dog together. Returns the state of the answer for the dog, or null if there are no photos, and
 * the state of each photo. Calls `onPrediction` for each photo that had no answer before.
 */
export function useDogPrediction(
  photos: Photo[],
  onPrediction: (fileName: string, result: PhotoPrediction) => void,
): { dog: DogState | null; states: PhotoState[] } {
  const client = useQueryClient()
  const ids = photos.map(({ id }) => id)
  const key = ids.join()
  const [progress, setProgress] = useState({ key: '', sent: 0 })
  const requestOptions = useRequestOptions()

  const predict = async (signal: AbortSignal): Promise<DogAnswers> => {
    const onProgress = (sent: number) => setProgress({ key, sent })
    onProgress(0)
    const files = photos.map(({ file }) => file)
    const { dog, answers, sent } = await predictDog(files, { ...requestOptions, signal, onProgress })
    const results = photos.map((photo, index) => {
      const answer = answers[index]
      if (!answer || isError(answer)) return new ApiError(400, answer ?? { code: 'unexplained', detail: '' })
      const earlier = earlierAnswer(client, photo)
      if (earlier) return earlier
      const result = { prediction: answer, sent: sent[index] ?? photo.file }
      keepAnswer(client, photo, result)
      onPrediction(photo.file.name, result)
      return result
    })
    return { dog, answers: results }
  }

  const result = useQuery({
    queryKey: ['dog', ...ids],
    queryFn: ({ signal }) => queue.add(() => predict(signal), { signal }),
    enabled: photos.length > 0,
    gcTime: 0,
    ...ASKED_ONCE,
  })
  useRetryWhenOnline([result])
  if (photos.length === 0) return { dog: null, states: [] }
  const dog = stateOf(result, progress.key === key ? progress.sent : undefined)
  return { dog, states: photos.map((photo, index) => stateOfPhoto(earlierAnswer(client, photo), dog, index)) }
}

function stateOfPhoto(earlier: PhotoPrediction | undefined, dog: DogState, index: number): PhotoState {
  const answer = earlier ?? (dog.step === 'answered' ? dog.result.answers[index] : undefined)
  if (answer instanceof ApiError) return { step: 'failed', error: answer, tryAgain: () => {} } // it would fail again
  if (answer) return { step: 'answered', result: answer }
  return dog.step === 'answered' ? { step: 'queued' } : dog
}

function isError(answer: Prediction | ErrorBody): answer is ErrorBody {
  return 'code' in answer
}

/** The answer that a photo got on its own or with fewer other photos. Feedback and history belong to the first answer. */
function earlierAnswer(client: QueryClient, photo: Photo): PhotoPrediction | undefined {
  return client.getQueryData<PhotoPrediction>(predictionKey(photo.id))
}

/** Keeps the answer for the case that the photo is treated as one of another dog later. */
function keepAnswer(client: QueryClient, photo: Photo, result: PhotoPrediction) {
  client.setQueryDefaults(['prediction'], { gcTime: KEPT_MS })
  client.setQueryData(predictionKey(photo.id), result)
}

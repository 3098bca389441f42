import type { ApiError } from '../../api/errors'
import type { Dog, Prediction } from '../../api/types'

/** A prediction, and the bytes it was made from: the file itself or a smaller copy. */
export interface PhotoPrediction {
  prediction: Prediction
  sent: Blob
}

export type InProgress =
  | { step: 'queued' }
  /** `share` of the upload is done, 0..1. `isBusy`: the server was too busy, and the photo is sent again. */
  | { step: 'sending'; share: number; isBusy: boolean }
  | { step: 'predicting' }

export interface Failed {
  step: 'failed'
  error: Error
  tryAgain: () => void
}

type StateOf<Result> = InProgress | { step: 'answered'; result: Result } | Failed

export type PhotoState = StateOf<PhotoPrediction>

/** What several photos of one dog say together, and the answer to each of them or what is wrong with it. */
export interface DogAnswers {
  /** Null if no photo could be answered. */
  dog: Dog | null
  answers: (PhotoPrediction | ApiError)[]
}

export type DogState = StateOf<DogAnswers>

export function isInProgress(state: PhotoState | DogState | undefined): state is InProgress {
  return state !== undefined && state.step !== 'answered' && state.step !== 'failed'
}

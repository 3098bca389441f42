import type { Prediction } from '../../api/types'

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

export type PhotoState =
  InProgress | { step: 'answered'; result: PhotoPrediction } | { step: 'failed'; error: Error; tryAgain: () => void }

export function isInProgress(state: PhotoState | undefined): state is InProgress {
  return state !== undefined && state.step !== 'answered' && state.step !== 'failed'
}

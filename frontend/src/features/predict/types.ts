import type { components } from '../../api/schema'

export type Prediction = components['schemas']['Prediction']

export interface Photo {
  /** Tells two choices of the same file apart. */
  id: number
  file: File
  /** An object URL, for the preview. */
  url: string
}

/** An answer and the very bytes that it is about: the file, or a smaller copy of it. */
export interface Answered {
  prediction: Prediction
  sent: Blob
}

export type PhotoState =
  | { step: 'queued' }
  | { step: 'sending'; share: number; isBusy: boolean }
  | { step: 'looking' }
  | { step: 'answered'; answered: Answered }
  | { step: 'failed'; error: Error; askAgain: () => void }

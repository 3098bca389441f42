import type { components } from '../../api/schema'

export type Prediction = components['schemas']['Prediction']
export type BreedProbability = components['schemas']['BreedProbability']

export interface Photo {
  /** Tells two choices of the same file apart. */
  id: number
  file: File
  /** An object URL, for the preview. */
  url: string
}

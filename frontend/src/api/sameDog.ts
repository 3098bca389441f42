import type { ErrorBody, Prediction } from './types'

/** What several photos of one dog say together. */
export interface DogPrediction extends Pick<
  Prediction,
  | 'prediction'
  | 'breed'
  | 'name'
  | 'probability'
  | 'probabilities'
  | 'verdict'
  | 'shortlist'
  | 'look_alikes'
  | 'explanation'
  | 'model'
> {
  /** One row for each photo that was answered. */
  photos: PhotoShare[]
}

export interface PhotoShare {
  /** The photo's position in `answers`, from 0. */
  photo: number
  /** 0..1: how much of an independent photo it counts. Near-duplicates share the weight of one. */
  weight: number
  /** The position of a photo that is nearly the same, or null. */
  duplicate_of: number | null
  /** False if the photo seems to show another dog or none. Then it is not counted. */
  agrees: boolean
  /** The probability of the dog's breed in this photo alone, 0..1. */
  probability: number
  /** The probability of the dog's breed in the other photos, 0..1. Null if there are none. */
  without: number | null
}

/** The answer to `POST /api/predictions?same_dog=true`. */
export interface SameDogAnswers {
  answers: (Prediction | ErrorBody)[]
  /** Null if no photo could be combined with another. */
  dog: DogPrediction | null
}

/** What would make a photo easier to answer. */
export interface PhotoAdvice {
  code: 'closer' | 'brighter' | 'steady' | 'whole_dog' | 'one_dog'
  /** The suggested part of the upright photo: left, top, right, bottom, 0..1. */
  frame: [number, number, number, number] | null
}

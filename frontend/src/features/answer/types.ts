import type { components } from '../../api/schema'

type Schemas = components['schemas']

export type BreedProbability = Schemas['BreedProbability']
/** An answer, just given or stored. */
export type AnyAnswer = Schemas['Prediction'] | Schemas['StoredPrediction']

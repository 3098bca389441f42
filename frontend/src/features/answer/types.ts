import type { components } from '../../api/schema'

type Schemas = components['schemas']

export type BreedProbability = Schemas['BreedProbability']
export type Explanation = Schemas['Explanation']
export type LookAlikes = Schemas['LookAlikes']
export type Verdict = Schemas['Verdict']
/** An answer, just given or stored. */
export type AnyAnswer = Schemas['Prediction'] | Schemas['StoredPrediction']

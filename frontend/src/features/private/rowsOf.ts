import type { BreedProbability } from '../../api/types'
import type { Answering } from './packedModel'

/** Class indices -> breeds with their probabilities. */
export function rowsOf(indices: number[], probabilities: Float32Array, { breeds }: Answering): BreedProbability[] {
  return indices.map((index) => {
    const { breed, name } = breeds[index]!
    return { breed, name, probability: probabilities[index]! }
  })
}

import type { Gate } from './packedModel'

/** The network's outputs for one photo, by name. All but `logits` are optional. */
export type Outputs = Record<string, Float32Array>

/** softmax(logits / temperature), in float32. */
export function softmax(logits: Float32Array, temperature: number): Float32Array {
  const scaled = Array.from(logits, (logit) => logit / temperature)
  const highest = Math.max(...scaled)
  const powers = scaled.map((logit) => Math.exp(logit - highest))
  const sum = powers.reduce((total, power) => total + power, 0)
  return Float32Array.from(powers, (power) => power / sum)
}

/** Class indices, the most probable first; equal ones in label order. */
export function ranked(probabilities: Float32Array): number[] {
  return Array.from(probabilities.keys()).sort((one, other) => probabilities[other]! - probabilities[one]!)
}

function energy(logits: Float32Array): number {
  const highest = Math.max(...logits)
  return highest + Math.log(logits.reduce((total, logit) => total + Math.exp(logit - highest), 0))
}

/** How much a photo looks like photos that the model knows: see `dogbreed/answers/scores.py`. */
const SCORES: Record<string, (outputs: Outputs) => number | undefined> = {
  imagenet: ({ dog }) => dog?.[0],
  known_breed: ({ known_breed }) => known_breed?.[0],
  cosine: ({ familiarity }) => familiarity?.[0],
  energy: ({ logits }) => logits && energy(logits),
  max_logit: ({ logits }) => logits && Math.max(...logits),
  max_probability: ({ logits }) => logits && Math.max(...probabilitiesInDouble(logits)),
}

function probabilitiesInDouble(logits: Float32Array): number[] {
  const highest = Math.max(...logits)
  const powers = Array.from(logits, (logit) => Math.exp(logit - highest))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}

/** A photo's score and the threshold that it has to reach. */
export interface Reading {
  score: number
  threshold: number
}

/** Null if the model has no such gate, or its network does not give the score. */
export function readingOf(gate: Gate | null, outputs: Outputs): Reading | null {
  const score = gate && SCORES[gate.score]?.(outputs)
  return gate && score !== undefined && score !== null ? { score, threshold: gate.threshold } : null
}

/** The probability that the dog is of one of the model's breeds; 1 if the network does not say. */
export function knownBreedProbability({ known_breed }: Outputs): number {
  return known_breed ? 1 / (1 + Math.exp(-known_breed[0]!)) : 1
}

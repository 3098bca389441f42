import type { Verdict } from '../../api/types'
import { ranked } from './outputs'
import type { Answering, VerdictThresholds } from './packedModel'

/** Breeds in a verdict. */
const MOST_NAMED = 3
/** The least probability of a breed that is named after the most probable one. */
const LEAST_NAMED = 0.05

/** What a verdict names: class indices, the sum of their probabilities, and a group's id. */
export interface Naming {
  kind: Verdict['kind']
  breeds: number[]
  probability: number | null
  group: string | null
}

/** What can be named on a photo of a dog, which is of a known breed with probability `known`: see `dogbreed/answers/naming.py`. */
export function nameBreeds(
  probabilities: Float32Array,
  known: number,
  thresholds: VerdictThresholds,
  answering: Answering,
): Naming {
  const order = ranked(probabilities)
  const best = probabilities[order[0]!]!
  const first = order.slice(0, 1)
  const single = thresholds.taught[answering.breeds[order[0]!]!.breed] ?? thresholds
  if (best * known >= single.breed) return { kind: 'breed', breeds: first, probability: best, group: null }
  if (reaches(best * known, single.probably)) {
    return { kind: 'probably', breeds: first, probability: best, group: null }
  }
  for (const size of [2, 3].filter((size) => size < order.length)) {
    const held = sumInFloat32(order.slice(0, size).map((index) => probabilities[index]!))
    if (reaches(held, thresholds.one_of)) {
      return { kind: 'one_of', breeds: order.slice(0, size), probability: held, group: null }
    }
  }
  return nameGroup(probabilities, order, thresholds, answering) ?? uncertain(probabilities)
}

function reaches(probability: number, threshold: number | null): boolean {
  return threshold !== null && probability >= threshold
}

/** NumPy adds float32 numbers in float32. */
function sumInFloat32(numbers: number[]): number {
  return numbers.reduce((sum, number) => Math.fround(sum + number), 0)
}

function nameGroup(
  probabilities: Float32Array,
  order: number[],
  thresholds: VerdictThresholds,
  { breeds, groups }: Answering,
): Naming | null {
  const masses: Record<string, number> = {}
  breeds.forEach(({ group }, index) => {
    if (group in groups) masses[group] = (masses[group] ?? 0) + probabilities[index]!
  })
  const [likeliest] = Object.keys(masses)
    .sort()
    .sort((one, other) => masses[other]! - masses[one]!)
  if (likeliest === undefined || masses[likeliest]! < thresholds.group) return null
  const members = order.filter((index) => breeds[index]!.group === likeliest)
  return { kind: 'group', breeds: likely(members, probabilities), probability: masses[likeliest]!, group: likeliest }
}

export function uncertain(probabilities: Float32Array): Naming {
  return { kind: 'uncertain', breeds: likely(ranked(probabilities), probabilities), probability: null, group: null }
}

function likely(order: number[], probabilities: Float32Array): number[] {
  return order.slice(0, MOST_NAMED).filter((index, place) => place === 0 || probabilities[index]! >= LEAST_NAMED)
}

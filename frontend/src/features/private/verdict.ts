import type { Verdict } from '../../api/types'
import { nameBreeds, uncertain, type Naming } from './naming'
import { knownBreedProbability, readingOf, type Outputs, type Reading } from './outputs'
import type { Answering } from './packedModel'
import { rounded } from './rounded'
import { rowsOf } from './rowsOf'

/** The four levels of the first version. */
const LEVELS: Partial<Record<Naming['kind'], Verdict['level']>> = {
  breed: 'breed',
  group: 'group',
  not_a_dog: 'not_a_dog',
}

/** What may be said of a photo: see `dogbreed/answers/verdict.py`. Null if the model has no thresholds for it. */
export function judge(probabilities: Float32Array, outputs: Outputs, answering: Answering): Verdict | null {
  const { calibration, promised } = answering
  const thresholds = calibration.verdict
  if (!thresholds) return null
  const dog = readingOf(calibration.dog, outputs)
  const familiarity = readingOf(calibration.familiar, outputs)
  const isFamiliar = !familiarity || passes(familiarity)
  const naming = (): Naming => {
    if (dog && !passes(dog)) return { kind: 'not_a_dog', breeds: [], probability: null, group: null }
    if (!isFamiliar) return uncertain(probabilities)
    return nameBreeds(probabilities, knownBreedProbability(outputs), thresholds, answering)
  }
  const named = naming()
  const taught = named.breeds
    .map((index) => answering.breeds[index]!)
    .filter(({ breed }) => breed in thresholds.taught)
    .map(({ breed, name }) => ({ breed, name, photos: thresholds.taught[breed]!.photos }))
  return {
    kind: named.kind,
    promised: promised[named.kind] ?? null,
    measured: taught.length > 0 ? null : (thresholds.measured[named.kind] ?? null),
    level: LEVELS[named.kind] ?? 'uncertain',
    text: textOf(named, isFamiliar, answering),
    probability: named.probability,
    group: named.group as Verdict['group'],
    breeds: rowsOf(named.breeds, probabilities, answering),
    taught,
    familiar: isFamiliar,
    dog_score: shown(dog),
    familiarity_score: shown(familiarity),
  }
}

function passes({ score, threshold }: Reading): boolean {
  return score >= threshold
}

function shown(reading: Reading | null): Reading | null {
  return reading && { ...reading, score: rounded(reading.score) }
}

/** The same English sentence that the server gives. */
function textOf({ kind, breeds, group }: Naming, isFamiliar: boolean, answering: Answering): string {
  const named = listed(breeds.map((index) => answering.breeds[index]!.name))
  if (!isFamiliar && kind === 'uncertain') {
    return `Perhaps a breed that the model does not know; of those it knows, it resembles ${named} most.`
  }
  switch (kind) {
    case 'probably':
      return `Probably ${named}, by its looks.`
    case 'group': {
      const noun = answering.groups[group ?? ''] ?? 'dog'
      return `Resembles ${withArticle(noun)}, most of all ${named}.`
    }
    case 'uncertain':
      return `Not certain: it resembles ${named} most.`
    case 'not_a_dog':
      return 'No dog was recognised in this photo.'
    default:
      return `Resembles ${named}.`
  }
}

function listed(names: string[]): string {
  const words = names.map(withArticle)
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : words.join('')
}

function withArticle(name: string): string {
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`
}

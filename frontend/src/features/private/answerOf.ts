import type { Prediction } from '../../api/types'
import { explanation, lookAlikes, shortlist } from './conclusions'
import { ranked, softmax, type Outputs } from './outputs'
import type { Answering } from './packedModel'
import { rowsOf } from './rowsOf'
import { judge } from './verdict'

interface Analysed {
  outputs: Outputs
  /** Of the class activation maps. Null if the network has none. */
  grid: { rows: number; columns: number } | null
  /** The upright photo's pixels. */
  photo: { width: number; height: number }
}

/** All of an answer but its id and its time, as the API would give it. */
export function answerOf(
  { outputs, grid, photo }: Analysed,
  answering: Answering,
): Omit<Prediction, 'id' | 'elapsed_ms'> {
  const probabilities = softmax(outputs.logits!, answering.calibration.temperature)
  const order = ranked(probabilities)
  const index = order[0]!
  const listed = shortlist(probabilities, answering)
  const { breed, name } = answering.breeds[index]!
  return {
    prediction: index,
    breed,
    name,
    probability: probabilities[index]!,
    probabilities: rowsOf(order, probabilities, answering),
    verdict: judge(probabilities, outputs, answering),
    shortlist: listed && rowsOf(listed, probabilities, answering),
    look_alikes: lookAlikes(probabilities, answering),
    explanation: explanation(index, outputs, photo, grid, answering),
    advice: null, // the coach looks at parts of the photo, which takes too long here
    model: { ...answering.model, digest: null }, // the packed model is not the bundle
    stored: false,
    secret: null,
  }
}

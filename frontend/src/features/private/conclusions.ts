import type { Explanation, LookAlikes } from '../../api/types'
import { framedBox } from './framing'
import { ranked, type Outputs } from './outputs'
import type { Answering } from './packedModel'
import { rounded } from './rounded'

/** Class indices, at least one: see `dogbreed/answers/shortlists.py`. Null if the model gives no such list. */
export function shortlist(probabilities: Float32Array, { calibration }: Answering): number[] | null {
  if (!calibration.shortlist) return null
  const { penalty, threshold } = calibration.shortlist
  const order = ranked(probabilities)
  let before = 0
  const listed = order.filter((index, place) => {
    const nonconformity = before + penalty * place
    before += probabilities[index]!
    return nonconformity <= threshold
  })
  return listed.length > 0 ? listed : order.slice(0, 1)
}

/** How often the two most probable breeds are told apart. */
export function lookAlikes(probabilities: Float32Array, { look_alikes, breeds }: Answering): LookAlikes | null {
  const [first, second] = ranked(probabilities)
  const pair = look_alikes.find(({ breeds: two }) => two.includes(first!) && two.includes(second!))
  if (!pair) return null
  const named = [first!, second!].map((index) => ({ breed: breeds[index]!.breed, name: breeds[index]!.name }))
  return { ...pair, breeds: named }
}

/** Which places support the breed more than the others: see `dogbreed/answers/explanation.py`. Null without such an output. */
export function explanation(
  index: number,
  outputs: Outputs,
  photo: { width: number; height: number },
  grid: { rows: number; columns: number } | null,
  { breeds, preprocessing }: Answering,
): Explanation | null {
  const maps = outputs.evidence
  if (!maps || !grid) return null
  const { rows, columns } = grid
  const cells = rows * columns
  const heat = Array.from({ length: cells }, (_, cell) => {
    let sum = 0
    for (let at = cell; at < maps.length; at += cells) sum += maps[at]!
    return Math.max(maps[index * cells + cell]! - sum / breeds.length, 0)
  })
  const highest = Math.max(...heat)
  const shown = heat.map((value) => rounded(highest > 0 ? value / highest : value))
  const [left, top, right, bottom] = framedBox(photo.width, photo.height, preprocessing)
  const { breed, name } = breeds[index]!
  return {
    breed,
    name,
    rows,
    columns,
    heat: Array.from({ length: rows }, (_, row) => shown.slice(row * columns, (row + 1) * columns)),
    box: [left / photo.width, top / photo.height, right / photo.width, bottom / photo.height].map(rounded),
  }
}

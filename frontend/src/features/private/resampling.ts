/**
 * Resizing with a filter that is as wide as the pixels of the result, as Pillow's `Image.resize` does it: rows and columns
 * one after the other, each rounded to 8 bits, with integer coefficients. (Pillow: src/libImaging/Resample.c)
 */

type Filter = { support: number; weight: (distance: number) => number }

function bilinear(distance: number): number {
  const x = Math.abs(distance)
  return x < 1 ? 1 - x : 0
}

/** Keys' cubic convolution with a = -0.5. */
function bicubic(distance: number): number {
  const x = Math.abs(distance)
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
}

export const FILTERS: Record<string, Filter> = {
  bilinear: { support: 1, weight: bilinear },
  bicubic: { support: 2, weight: bicubic },
}

const PRECISION_BITS = 22
const HALF = 1 << (PRECISION_BITS - 1)

/** Which pixels each pixel of the result is made of, and how much each of them counts, times 2 ** 22. */
export interface Coefficients {
  /** Of the first pixel, for each pixel of the result. */
  starts: Int32Array
  counts: Int32Array
  /** `size` for each pixel of the result. */
  weights: Int32Array
  size: number
}

/** Args: `length` pixels of a side, of which those from `from` to `to` become `resized` pixels. */
export function coefficients(
  length: number,
  [from, to]: [number, number],
  resized: number,
  filter: Filter,
): Coefficients {
  // Pillow passes the part as float32.
  const first = Math.fround(from)
  const scale = Math.fround(Math.fround(to) - first) / resized
  const filterScale = Math.max(scale, 1)
  const support = filter.support * filterScale
  const size = Math.ceil(support) * 2 + 1
  const starts = new Int32Array(resized)
  const counts = new Int32Array(resized)
  const weights = new Int32Array(resized * size)
  for (let place = 0; place < resized; place += 1) {
    const center = first + (place + 0.5) * scale
    const start = Math.max(Math.trunc(center - support + 0.5), 0)
    const count = Math.min(Math.trunc(center + support + 0.5), length) - start
    const exact = Array.from({ length: count }, (_, x) => filter.weight((x + start - center + 0.5) / filterScale))
    const sum = exact.reduce((total, weight) => total + weight, 0)
    exact.forEach((weight, x) => {
      const scaled = (sum === 0 ? weight : weight / sum) * (1 << PRECISION_BITS)
      weights[place * size + x] = Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
    })
    starts[place] = start
    counts[place] = count
  }
  return { starts, counts, weights, size }
}

/** Pillow resizes the columns of a tall image first. The result differs by a level here and there. */
export function beginsWithColumns(width: number, height: number, resizedWidth: number, resizedHeight: number): boolean {
  return height - resizedHeight > 2 * Math.max(width - resizedWidth, 0)
}

/** A row of RGBA pixels -> a shorter or longer row of RGB. */
export function resampleRow(
  rgba: Uint8ClampedArray,
  row: number,
  width: number,
  across: Coefficients,
  into: Uint8Array,
) {
  const { starts, counts, weights, size } = across
  for (let place = 0; place < starts.length; place += 1) {
    let [red, green, blue] = [HALF, HALF, HALF]
    let at = (row * width + starts[place]!) * 4
    for (let x = place * size, end = x + counts[place]!; x < end; x += 1, at += 4) {
      const weight = weights[x]!
      red += rgba[at]! * weight
      green += rgba[at + 1]! * weight
      blue += rgba[at + 2]! * weight
    }
    into[place * 3] = toByte(red)
    into[place * 3 + 1] = toByte(green)
    into[place * 3 + 2] = toByte(blue)
  }
}

/** Rows of bytes, `length` each -> the row at `place` of the result. `first` is the row of the photo that `rows` begin with. */
export function resampleColumns(
  rows: Uint8Array | Uint8ClampedArray,
  length: number,
  first: number,
  down: Coefficients,
  place: number,
): Uint8ClampedArray {
  const { starts, counts, weights, size } = down
  const resized = new Uint8ClampedArray(length)
  const start = (starts[place]! - first) * length
  for (let column = 0; column < length; column += 1) {
    let sum = HALF
    let at = start + column
    for (let y = place * size, end = y + counts[place]!; y < end; y += 1, at += length) sum += rows[at]! * weights[y]!
    resized[column] = sum >> PRECISION_BITS
  }
  return resized
}

function toByte(sum: number): number {
  return Math.min(Math.max(sum >> PRECISION_BITS, 0), 255)
}

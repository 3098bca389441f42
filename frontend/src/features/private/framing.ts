import type { Preprocessing } from './packedModel'
import { beginsWithColumns, coefficients, FILTERS, resampleColumns, resampleRow, type Coefficients } from './resampling'

/** Left, top, right, bottom. */
export type Box = [number, number, number, number]

/** RGBA pixels of rows of a photo. */
export type ReadRows = (top: number, rows: number) => Uint8ClampedArray

const PIXELS_AT_ONCE = 1 << 20

/** The part of a photo that the network gets, in its pixels. The same as in `dogbreed/photos/preprocessing.py`. */
export function framedBox(width: number, height: number, config: Preprocessing): Box {
  const [, inputHeight = 1, inputWidth = 1] = config.input_size
  let [resizedWidth, resizedHeight] = [inputWidth / config.crop_pct, inputHeight / config.crop_pct]
  if (config.crop_mode === 'center') {
    const scale = Math.max(resizedWidth / width, resizedHeight / height)
    resizedWidth = width * scale
    resizedHeight = height * scale
  }
  const [left, right] = middle(width, roundHalfEven(resizedWidth), inputWidth)
  const [top, bottom] = middle(height, roundHalfEven(resizedHeight), inputHeight)
  return [left, top, right, bottom]
}

/** Start and end, in a side of `length` pixels, of the middle `kept` pixels of the same side `resized`. */
function middle(length: number, resized: number, kept: number): [number, number] {
  const start = roundHalfEven((resized - kept) / 2)
  return [(start * length) / resized, ((start + kept) * length) / resized]
}

/** As Python rounds. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  if (value - floor !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}

/** The framed and resized photo: 8 bits, the three channels one after the other. A few rows of the photo are read at a time. */
export function frame(width: number, height: number, readRows: ReadRows, config: Preprocessing): Uint8Array {
  const [, inputHeight = 1, inputWidth = 1] = config.input_size
  const filter = FILTERS[config.interpolation]
  if (!filter) throw new Error(`There is no interpolation ${config.interpolation}.`)
  const [left, top, right, bottom] = framedBox(width, height, config)
  const across = coefficients(width, [left, right], inputWidth, filter)
  const down = coefficients(height, [top, bottom], inputHeight, filter)
  const isTall = beginsWithColumns(width, height, inputWidth, inputHeight)
  return inPlanes((isTall ? columnsFirst : rowsFirst)(width, readRows, across, down), inputWidth, inputHeight)
}

/** All results are RGB, row by row. */
function rowsFirst(width: number, readRows: ReadRows, across: Coefficients, down: Coefficients): Uint8Array {
  const length = across.starts.length * 3
  const first = down.starts[0]!
  const last = down.starts.at(-1)! + down.counts.at(-1)!
  const rows = new Uint8Array((last - first) * length)
  const atOnce = Math.max(1, Math.floor(PIXELS_AT_ONCE / width))
  for (let from = first; from < last; from += atOnce) {
    const count = Math.min(atOnce, last - from)
    const pixels = readRows(from, count)
    for (let row = 0; row < count; row += 1) {
      const start = (from - first + row) * length
      resampleRow(pixels, row, width, across, rows.subarray(start, start + length))
    }
  }
  const resized = new Uint8Array(down.starts.length * length)
  down.starts.forEach((_, place) => resized.set(resampleColumns(rows, length, first, down, place), place * length))
  return resized
}

function columnsFirst(width: number, readRows: ReadRows, across: Coefficients, down: Coefficients): Uint8Array {
  const length = across.starts.length * 3
  const resized = new Uint8Array(down.starts.length * length)
  down.starts.forEach((first, place) => {
    const row = resampleColumns(readRows(first, down.counts[place]!), width * 4, first, down, place)
    resampleRow(row, 0, width, across, resized.subarray(place * length, (place + 1) * length))
  })
  return resized
}

function inPlanes(rgb: Uint8Array, width: number, height: number): Uint8Array {
  const planes = new Uint8Array(rgb.length)
  rgb.forEach((value, at) => (planes[(at % 3) * width * height + Math.floor(at / 3)] = value))
  return planes
}

/** The network's input: (pixel / 255 - mean) / std, computed in float32 as the server does. */
export function toInput(framed: Uint8Array, { mean, std }: Preprocessing): Float32Array {
  const input = new Float32Array(framed)
  const length = framed.length / 3
  for (let channel = 0; channel < 3; channel += 1) {
    const divisor = Math.fround(255 * Math.fround(std[channel]!))
    const shift = Math.fround(Math.fround(mean[channel]!) / Math.fround(std[channel]!))
    for (let index = channel * length; index < (channel + 1) * length; index += 1) {
      input[index] = Math.fround(input[index]! / divisor) - shift
    }
  }
  return input
}

import { expect, test } from 'vitest'
import examples from '../../testing/privateExamples.json'
import { answerOf } from './answerOf'
import { frame, toInput } from './framing'
import type { Answering, Preprocessing } from './packedModel'

// The server computed these examples: see tests/private_examples.py.

type Nested = number | Nested[]

function flat(values: Nested): number[] {
  return Array.isArray(values) ? values.flatMap(flat) : [values]
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
}

/** Numbers with six digits: exp and log differ in the last ones between Python and JavaScript. */
function withoutLastDigits(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
    typeof part === 'number' ? Number(part.toFixed(6)) : part,
  )
}

const models = examples.models as unknown as Record<string, Answering>

test.each(examples.answers.map((example) => [example.name, example] as const))(
  'the answer is the server’s: %s',
  (_name, { model, outputs, photo, answer }) => {
    const named = Object.entries(outputs as Record<string, Nested>).map(
      ([name, values]) => [name, flat(values)] as const,
    )
    const computed = answerOf(
      {
        outputs: Object.fromEntries(named.map(([name, values]) => [name, Float32Array.from(values)])),
        grid: 'evidence' in outputs ? { rows: 2, columns: 3 } : null,
        photo: { width: photo[0]!, height: photo[1]! },
      },
      models[model]!,
    )
    expect(withoutLastDigits(computed)).toEqual(withoutLastDigits(answer))
  },
)

test.each(examples.framings.map((example) => [example.name, example] as const))(
  'the photo is framed as by the server: %s',
  (_name, { size: [width = 0, height = 0], pixels, preprocessing, framed, first_inputs }) => {
    const rgb = bytesOf(pixels)
    const rgba = Uint8ClampedArray.from({ length: width * height * 4 }, (_, at) =>
      at % 4 === 3 ? 255 : rgb[Math.floor(at / 4) * 3 + (at % 4)]!,
    )
    const readRows = (top: number, rows: number) => rgba.subarray(top * width * 4, (top + rows) * width * 4)
    const computed = frame(width, height, readRows, preprocessing as Preprocessing)
    expect([...computed]).toEqual([...bytesOf(framed)])
    const input = toInput(computed, preprocessing as Preprocessing)
    expect([...input.subarray(0, first_inputs.length)]).toEqual(first_inputs)
  },
)

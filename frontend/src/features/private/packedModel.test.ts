import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import examples from '../../testing/privateExamples.json'
import { readPackedModel } from './packedModel'

type Bytes = Uint8Array<ArrayBuffer>

function bytesOf(base64: string): Bytes {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
}

/** A file as `dogbreed/model/packed.py` describes it. */
function packed(tensor: object, bytes: number, weights: Bytes): Bytes {
  const network = new TextEncoder().encode('the network')
  const header = { network: network.length, weights: { file: 'weights.safetensors', bytes, tensors: [tensor] } }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const content = Buffer.concat([json, network, weights])
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  const digest = createHash('sha256').update(content).digest()
  return Uint8Array.from(Buffer.concat([Buffer.from('DOGBREED'), length, digest, content]))
}

const raw = () => packed({ type: 'raw', offset: 2, bytes: 3 }, 6, Uint8Array.of(7, 8, 9))

test('the network and the weights are read', async () => {
  const { network, weights } = await readPackedModel(raw())
  expect(new TextDecoder().decode(network)).toBe('the network')
  expect(weights).toEqual({ file: 'weights.safetensors', data: Uint8Array.of(0, 0, 7, 8, 9, 0) })
})

test.each(examples.tensors.map((example) => [`${example.tensor.bits} bits, ${example.tensor.type}`, example] as const))(
  'weights are unpacked as the server means them: %s',
  async (_name, { tensor, packed: file, unpacked }) => {
    const expected = bytesOf(unpacked)
    const { weights } = await readPackedModel(packed(tensor, expected.length, bytesOf(file)))
    expect([...weights.data]).toEqual([...expected])
  },
)

test.each([
  ['cut off', raw().slice(0, -1)],
  ['too long', Uint8Array.from([...raw(), 0])],
  ['changed', raw().map((byte, index) => (index === 60 ? byte ^ 1 : byte))],
  ['of another kind', new TextEncoder().encode('<!doctype html>'.repeat(9))],
  ['empty', new Uint8Array()],
])('a file that is %s is refused', async (_name, file) => {
  await expect(readPackedModel(file)).rejects.toThrow(/packed model/)
})

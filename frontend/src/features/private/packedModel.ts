import { toFloat16 } from './float16'

/** Everything that answers are made of, beside the network's outputs. The server takes it from the model's bundle. */
export interface Answering {
  model: { name: string; version: string }
  preprocessing: Preprocessing
  calibration: Calibration
  /** By class. The group is empty if none is known. */
  breeds: { breed: string; name: string; group: string }[]
  /** The groups that a verdict can name, and what a dog of each is called in English. */
  groups: Record<string, string>
  /** The least share of verdicts that are right, by kind. */
  promised: Record<string, number>
  look_alikes: LookAlikePair[]
}

export interface Preprocessing {
  input_size: number[]
  interpolation: string
  crop_pct: number
  crop_mode: string
  mean: number[]
  std: number[]
}

export interface Gate {
  score: string
  threshold: number
}

export interface VerdictThresholds {
  breed: number
  probably: number | null
  one_of: number | null
  group: number
  measured: Record<string, { right: number; photos: number }>
  /** By label: breeds that were taught from a few photos have thresholds of their own. */
  taught: Record<string, { photos: number; breed: number; probably: number }>
}

interface Calibration {
  temperature: number
  shortlist: { penalty: number; threshold: number } | null
  verdict: VerdictThresholds | null
  dog: Gate | null
  familiar: Gate | null
}

interface LookAlikePair {
  breeds: number[]
  photos: number
  told_apart: number
  accuracy: number
  interval: number[]
}

interface RawTensor {
  type: 'raw'
  offset: number
  bytes: number
}

interface RoundedTensor {
  type: 'float16' | 'float32'
  offset: number
  values: number
  channels: number
  bits: number
}

type PackedTensor = RawTensor | RoundedTensor

interface Header extends Answering {
  network: number
  weights: { file: string; bytes: number; tensors: PackedTensor[] }
}

export interface PackedModel {
  answering: Answering
  /** An ONNX file. Its large tensors are in the weights. */
  network: Uint8Array<ArrayBuffer>
  weights: { file: string; data: Uint8Array<ArrayBuffer> }
}

const MAGIC = 'DOGBREED'
const DIGEST_AT = MAGIC.length + 4
const CONTENT_AT = DIGEST_AT + 32

/** Reads the file that `dogbreed/model/packed.py` describes. Rejects if it is cut off or damaged. */
export async function readPackedModel(file: Uint8Array<ArrayBuffer>): Promise<PackedModel> {
  if (file.length < CONTENT_AT || new TextDecoder().decode(file.subarray(0, MAGIC.length)) !== MAGIC) {
    throw new Error('This is not a packed model.')
  }
  await checkDigest(file)
  const header = readHeader(file)
  const networkAt = CONTENT_AT + headerLength(file)
  const weightsAt = networkAt + header.network
  const length = header.weights.tensors.reduce((sum, tensor) => sum + packedLength(tensor), weightsAt)
  if (length !== file.length) throw new Error(`The packed model has ${file.length} bytes, not ${length}.`)
  return {
    answering: header,
    network: file.slice(networkAt, weightsAt),
    weights: { file: header.weights.file, data: unpackWeights(file.subarray(weightsAt), header.weights) },
  }
}

function headerLength(file: Uint8Array): number {
  return new DataView(file.buffer, file.byteOffset).getUint32(MAGIC.length, true)
}

function readHeader(file: Uint8Array): Header {
  const text = new TextDecoder().decode(file.subarray(CONTENT_AT, CONTENT_AT + headerLength(file)))
  return JSON.parse(text) as Header
}

/** Browsers compute digests on HTTPS and localhost only. Elsewhere the length has to do. */
async function checkDigest(file: Uint8Array<ArrayBuffer>) {
  if (!globalThis.crypto?.subtle) return
  const computed = new Uint8Array(await crypto.subtle.digest('SHA-256', file.subarray(CONTENT_AT)))
  if (computed.some((byte, index) => byte !== file[DIGEST_AT + index])) throw new Error('The packed model is damaged.')
}

function packedLength(tensor: PackedTensor): number {
  if (tensor.type === 'raw') return tensor.bytes
  return 4 * tensor.channels + tensor.values + Math.ceil((tensor.values * (tensor.bits - 8)) / 8)
}

function unpackWeights(packed: Uint8Array, { bytes, tensors }: Header['weights']): Uint8Array<ArrayBuffer> {
  const weights = new Uint8Array(tensors.length > 0 ? bytes : 0)
  let at = 0
  for (const tensor of tensors) {
    const part = packed.subarray(at, (at += packedLength(tensor)))
    if (tensor.type === 'raw') {
      weights.set(part, tensor.offset)
      continue
    }
    const numbers = unpackNumbers(part, tensor)
    const data = tensor.type === 'float16' ? toFloat16(numbers) : numbers
    weights.set(new Uint8Array(data.buffer), tensor.offset)
  }
  return weights
}

function unpackNumbers(packed: Uint8Array, { values, channels, bits }: RoundedTensor): Float32Array {
  const scales = new Float32Array(packed.slice(0, 4 * channels).buffer)
  const upper = packed.subarray(4 * channels)
  const lower = upper.subarray(values)
  const lowerBits = bits - 8
  const inByte = lowerBits > 0 ? 8 / lowerBits : 1
  const mask = 2 ** lowerBits - 1
  const zero = 2 ** (bits - 1) - 1
  const ofChannel = values / channels
  const numbers = new Float32Array(values)
  for (let channel = 0, index = 0; channel < channels; channel += 1) {
    const scale = scales[channel]!
    for (const end = index + ofChannel; index < end; index += 1) {
      const rest = lowerBits > 0 ? (lower[Math.floor(index / inByte)]! >> (lowerBits * (index % inByte))) & mask : 0
      numbers[index] = ((upper[index]! << lowerBits) + rest - zero) * scale
    }
  }
  return numbers
}

import { InferenceSession, Tensor, env } from 'onnxruntime-web/wasm'
import runtimeUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url'
import { NetworkError } from '../../api/errors'
import type { Prediction } from '../../api/types'
import { answerOf } from './answerOf'
import { forgetOthers, keepScript, load } from './download'
import { frame, toInput } from './framing'
import type { Failure, ModelFile, Reply, Request } from './messages'
import type { Outputs } from './outputs'
import { readPackedModel, type Answering } from './packedModel'
import { decodePhoto, UndecodablePhoto } from './photoPixels'
import { RUNTIME_SHARE } from './sizes'

/** The runtime's length, which the build inserts. */
declare const RUNTIME_BYTES: number

interface Loaded {
  session: InferenceSession
  answering: Answering
}

let loaded: Promise<Loaded> | null = null
/** One photo at a time: a session computes with one thread. */
let last: Promise<unknown> = Promise.resolve()

async function loadAll(model: ModelFile, onProgress: (share: number) => void): Promise<Loaded> {
  const shares = { runtime: 0, model: 0 }
  const report = (part: keyof typeof shares, share: number) => {
    shares[part] = share
    onProgress(shares.runtime * RUNTIME_SHARE + shares.model * (1 - RUNTIME_SHARE))
  }
  const runtime = load(
    runtimeUrl,
    { bytes: RUNTIME_BYTES, onProgress: (bytes) => report('runtime', bytes / RUNTIME_BYTES) },
    checkRuntime,
  )
  const packed = load(
    model.address,
    { bytes: model.bytes, onProgress: (bytes) => report('model', bytes / model.bytes) },
    readPackedModel,
  )
  const [wasmBinary, { answering, network, weights }] = await Promise.all([runtime, packed])
  const script = globalThis.location.href
  await keepScript(script)
  await forgetOthers([script, runtimeUrl, model.address])
  env.wasm.wasmBinary = wasmBinary
  env.wasm.numThreads = 1 // more need a page that is isolated from other sites
  env.logLevel = 'error'
  const session = await InferenceSession.create(network, {
    executionProviders: ['wasm'],
    externalData: weights.data.length > 0 ? [{ path: weights.file, data: weights.data }] : [],
  })
  return { session, answering }
}

async function checkRuntime(file: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  if (file.length !== RUNTIME_BYTES) throw new Error(`The runtime has ${file.length} bytes, not ${RUNTIME_BYTES}.`)
  return file.buffer
}

async function answer(photo: Blob): Promise<Prediction> {
  if (!loaded) throw new Error('No model was loaded.')
  const { session, answering } = await loaded
  const start = performance.now()
  const { width, height, readRows, close } = await decodePhoto(photo)
  try {
    const { preprocessing } = answering
    const input = toInput(frame(width, height, readRows, preprocessing), preprocessing)
    const tensors = await session.run({ image: new Tensor('float32', input, [1, ...preprocessing.input_size]) })
    const named = Object.entries(tensors).map(([name, { data }]) => [name, data as Float32Array] as const)
    const outputs: Outputs = Object.fromEntries(named)
    const [, , rows = 0, columns = 0] = tensors.evidence?.dims ?? []
    const grid = tensors.evidence ? { rows, columns } : null
    return {
      ...answerOf({ outputs, grid, photo: { width, height } }, answering),
      id: newId(),
      elapsed_ms: Math.round((performance.now() - start) * 10) / 10,
      on_device: true,
    }
  } finally {
    close()
  }
}

/** A random UUID. `crypto.randomUUID` needs HTTPS. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function failureOf(error: unknown): Failure {
  if (error instanceof NetworkError) return 'download'
  if (error instanceof UndecodablePhoto) return 'photo'
  return typeof WebAssembly === 'undefined' ? 'unsupported' : 'damaged'
}

function reply(message: Reply) {
  globalThis.postMessage(message)
}

async function perform(request: Request): Promise<Prediction | null> {
  if (request.task === 'answer') {
    const turn = last.then(() => answer(request.photo))
    last = turn.catch(() => undefined)
    return turn
  }
  loaded ??= loadAll(request.model, (share) => reply({ id: request.id, loaded: share }))
  await loaded
  return null
}

globalThis.addEventListener('message', ({ data }: MessageEvent<Request>) => {
  perform(data).then(
    (done) => reply({ id: data.id, done }),
    (error: unknown) => {
      if (data.task === 'load') loaded = null // so that it can be tried again
      console.error(error)
      reply({ id: data.id, failure: failureOf(error) })
    },
  )
})

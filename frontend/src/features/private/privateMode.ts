import { DeviceError, NetworkError } from '../../api/errors'
import { getJson } from '../../api/request'
import type { Model, Prediction } from '../../api/types'
import type { Job, ModelFile, Reply } from './messages'

/**
 * Private mode: a worker answers photos on this device. The choice and the address of the model are remembered on the
 * device. Photos wait while the model is loaded; nothing falls back to the server.
 */

const CHOICE_KEY = 'dogbreed.private'
/** How long the server may take to say which model it serves. */
const ASK_MS = 10_000
const MODEL_KEY = 'dogbreed.privateModel'

export type Loading =
  { step: 'off' } | { step: 'loading'; share: number } | { step: 'ready' } | { step: 'failed'; error: Error }

let loading: Loading = { step: 'off' }
let ready: Promise<void> | null = null
let worker: Worker | null = null
let lastId = 0
const waiting = new Map<number, { resolve: (done: Prediction | null) => void; reject: (error: Error) => void }>()
const listeners = new Set<() => void>()

/** Subscribes to changes of the choice and of `privateLoading`, for `useSyncExternalStore`. */
export function subscribeToPrivateMode(listener: () => void): () => void {
  const onStorage = ({ key }: StorageEvent) => {
    if (key === CHOICE_KEY || key === null) listener()
  }
  listeners.add(listener)
  window.addEventListener('storage', onStorage) // another tab
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', onStorage)
  }
}

export function isPrivate(): boolean {
  return localStorage.getItem(CHOICE_KEY) === 'yes'
}

export function privateLoading(): Loading {
  return loading
}

/** Whether the files were downloaded to this device before. */
export function isDownloaded(): boolean {
  return keptModel() !== null
}

export function choosePrivate(isChosen: boolean) {
  if (isChosen) localStorage.setItem(CHOICE_KEY, 'yes')
  else localStorage.removeItem(CHOICE_KEY)
  if (!isChosen) end(new DeviceError('stopped'), { step: 'off' })
  listeners.forEach((listener) => listener())
}

function setLoading(now: Loading) {
  loading = now
  listeners.forEach((listener) => listener())
}

/** Loads what is needed. After a failure it can be called again. */
export function prepare(): Promise<void> {
  ready ??= start().then(
    () => setLoading({ step: 'ready' }),
    (error: Error) => {
      if (isPrivate()) end(error, { step: 'failed', error })
      throw error
    },
  )
  return ready
}

async function start(): Promise<void> {
  setLoading({ step: 'loading', share: 0 })
  if (typeof Worker === 'undefined' || typeof WebAssembly === 'undefined') throw new DeviceError('unsupported')
  const model = await currentModel()
  if (!isPrivate()) throw new DeviceError('stopped')
  await ask({ task: 'load', model })
  localStorage.setItem(MODEL_KEY, JSON.stringify(model))
}

/** The model that the server serves now; the one on this device if the server cannot be asked. */
async function currentModel(): Promise<ModelFile> {
  try {
    const { network } = await getJson<Partial<Model>>('/api/model', AbortSignal.timeout(ASK_MS))
    if (network) return network
    throw new DeviceError('download') // a server of an earlier version
  } catch (error) {
    const kept = keptModel()
    if (kept) return kept
    throw error instanceof NetworkError ? new DeviceError('download') : error
  }
}

function keptModel(): ModelFile | null {
  try {
    return JSON.parse(localStorage.getItem(MODEL_KEY) ?? 'null') as ModelFile | null
  } catch {
    return null
  }
}

/** Answers a photo on this device. Rejects with a `DeviceError`. */
export async function answerHere(photo: File, signal: AbortSignal): Promise<Prediction> {
  await prepare()
  signal.throwIfAborted()
  const prediction = await ask({ task: 'answer', photo })
  signal.throwIfAborted()
  return prediction!
}

function ask(job: Job): Promise<Prediction | null> {
  worker ??= createWorker()
  const id = (lastId += 1)
  const answered = new Promise<Prediction | null>((resolve, reject) => waiting.set(id, { resolve, reject }))
  worker.postMessage({ id, ...job })
  return answered
}

function createWorker(): Worker {
  const created = new Worker(new URL('./answerWorker.ts', import.meta.url), { type: 'module' })
  created.onmessage = ({ data }: MessageEvent<Reply>) => receive(data)
  created.onerror = () => {
    // The script could not be loaded, or memory ran out.
    const error = new DeviceError(loading.step === 'loading' ? 'download' : 'damaged')
    end(error, { step: 'failed', error })
  }
  return created
}

function receive(reply: Reply) {
  if ('loaded' in reply) {
    if (loading.step === 'loading') setLoading({ step: 'loading', share: reply.loaded })
    return
  }
  const asked = waiting.get(reply.id)
  waiting.delete(reply.id)
  if ('failure' in reply) asked?.reject(new DeviceError(reply.failure))
  else asked?.resolve(reply.done)
}

/** Frees the worker's memory. The next call of `prepare` starts a new one. */
function end(error: Error, now: Loading) {
  const unanswered = [...waiting.values()]
  waiting.clear()
  worker?.terminate()
  worker = null
  ready = null
  setLoading(now)
  unanswered.forEach(({ reject }) => reject(error))
}

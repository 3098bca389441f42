import type { PhotoPrediction } from './photoState'
import { predictImage } from './predictImage'
import { canDecode, isWorthScaling, smallerCopy } from './smallerCopy'

interface Options {
  signal: AbortSignal
  /** Called with the share of the upload that has been sent, 0..1. */
  onProgress: (sent: number) => void
  /** Pixels of the shorter side of a smaller copy. The model sees no more detail in a larger one. */
  sufficientSide: number
  /** The largest file that the server accepts. */
  maxBytes: number
  wantsExplanation: boolean
}

/** How long to wait before the upload speed is measured. */
const MEASURE_AFTER_MS = 150
/** A copy is made only if it saves more time than this. Making one takes about as long on a phone. */
const MIN_SAVING_MS = 600

/**
 * Starts to send the original photo at once. If the upload is slow, a smaller copy is made meanwhile. The copy replaces the
 * original if it is smaller than the unsent rest of the original. So a fast connection never waits for a copy, and a slow
 * connection has much less to send.
 */
export async function sendPhoto(file: File, options: Options): Promise<PhotoPrediction> {
  if (!isWorthScaling(file)) {
    const wantsPreview = !(await canDecode(file))
    const prediction = await predictImage(file, file.name, { ...options, wantsPreview })
    return { prediction, sent: file }
  }
  if (file.size > options.maxBytes) {
    const copy = (await smallerCopy(file, options.sufficientSide)) ?? file
    return { prediction: await predictImage(copy, file.name, options), sent: copy }
  }
  return sendOriginalOrCopy(file, options)
}

async function sendOriginalOrCopy(file: File, options: Options): Promise<PhotoPrediction> {
  const { signal, onProgress, sufficientSide, wantsExplanation } = options
  const replaced = new AbortController()
  let sent = 0
  const original = predictImage(file, file.name, {
    signal: AbortSignal.any([signal, replaced.signal]),
    onProgress: (share) => onProgress((sent = share)),
    wantsExplanation,
  })
  const originalDone = original.then(
    () => null,
    () => null,
  )
  await Promise.race([originalDone, new Promise((resolve) => setTimeout(resolve, MEASURE_AFTER_MS))])
  const isSlow = MEASURE_AFTER_MS * (1 - sent) > MIN_SAVING_MS * sent // the rest would take longer than MIN_SAVING_MS
  const copy = isSlow && (await Promise.race([originalDone, smallerCopy(file, sufficientSide)]))
  if (!copy || copy.size >= (1 - sent) * file.size) return { prediction: await original, sent: file }

  replaced.abort()
  const sentBefore = sent
  const prediction = await predictImage(copy, file.name, {
    signal,
    onProgress: (share) => onProgress(sentBefore + (1 - sentBefore) * share),
    wantsExplanation,
  })
  return { prediction, sent: copy }
}

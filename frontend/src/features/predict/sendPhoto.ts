import { predictImage } from './predictImage'
import { isWorthScaling, smallerCopy } from './smallerCopy'
import type { Answered } from './types'

interface Options {
  signal: AbortSignal
  /** Share of what has to be sent that has left the browser, 0..1. */
  onProgress: (sent: number) => void
  /** Pixels of the shorter side below which the model would see less than it can. */
  sufficientSide: number
  /** The longest file that the server reads. */
  maxBytes: number
  wantsExplanation: boolean
}

/** How long the upload runs before its speed is judged. */
const HEAD_START_MS = 150
/** Less than this is not worth a copy: making one takes a phone about as long. */
const WORTH_MS = 600

/**
 * Sends a photo as it is, at once. If that is going to take a while, a smaller copy is made meanwhile, and where less of
 * it has to be sent than is left of the original, it takes the original's place. So a quick connection never waits for a
 * copy, and on a slow one most of the time is saved.
 */
export async function sendPhoto(file: File, options: Options): Promise<Answered> {
  if (!isWorthScaling(file)) {
    const wantsPreview = !(await canDraw(file))
    const prediction = await predictImage(file, file.name, { ...options, wantsPreview })
    return { prediction, sent: file }
  }
  if (file.size > options.maxBytes) {
    const copy = (await smallerCopy(file, options.sufficientSide)) ?? file
    return { prediction: await predictImage(copy, file.name, options), sent: copy }
  }
  return race(file, options)
}

async function race(file: File, { signal, onProgress, sufficientSide, wantsExplanation }: Options): Promise<Answered> {
  const overtaken = new AbortController()
  let sent = 0
  const original = predictImage(file, file.name, {
    signal: AbortSignal.any([signal, overtaken.signal]),
    onProgress: (share) => onProgress((sent = share)),
    wantsExplanation,
  })
  const isOver = original.then(
    () => null,
    () => null,
  )
  await Promise.race([isOver, new Promise((resolve) => setTimeout(resolve, HEAD_START_MS))])
  const isSlow = HEAD_START_MS * (1 - sent) > WORTH_MS * sent // at this speed, the rest takes longer than a copy is worth
  const copy = isSlow && (await Promise.race([isOver, smallerCopy(file, sufficientSide)]))
  if (!copy || copy.size >= (1 - sent) * file.size) return { prediction: await original, sent: file }

  overtaken.abort()
  const before = sent
  const prediction = await predictImage(copy, file.name, {
    signal,
    onProgress: (share) => onProgress(before + (1 - before) * share),
    wantsExplanation,
  })
  return { prediction, sent: copy }
}

/** Chromium and Firefox draw no HEIC; the other formats that we take are drawn everywhere. */
async function canDraw(file: File): Promise<boolean> {
  if (/^image\/(jpeg|png|webp|gif)$/.test(file.type)) return true
  try {
    const bitmap = await createImageBitmap(file)
    bitmap.close()
    return true
  } catch {
    return false
  }
}

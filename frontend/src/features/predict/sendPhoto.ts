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

/** Before it has passed, a quick connection has sent the original, and the work on a copy would be for nothing. */
const HEAD_START_MS = 120

/**
 * Sends a photo as it is, at once. If that takes a while, a smaller copy is made meanwhile, and where less of it has to
 * be sent than is left of the original, it takes the original's place. So scaling never costs time, and on a slow
 * connection saves most of it.
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
  const isOver = original.then(() => null, () => null)
  const headStart = new Promise<'slow'>((resolve) => setTimeout(resolve, HEAD_START_MS, 'slow'))

  const copy = (await Promise.race([isOver, headStart])) && sent < 1 && (await Promise.race([isOver, smallerCopy(file, sufficientSide)]))
  if (!copy || sent === 1 || copy.size >= (1 - sent) * file.size) return { prediction: await original, sent: file }

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

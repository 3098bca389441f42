import { drawScaled } from '../../components/drawScaled'

/** Nothing below this is worth the work: it is sent before a copy could be made. */
const WORTH_BYTES = 300_000
const QUALITY = 0.92

export function isWorthScaling(file: File): boolean {
  return file.size > WORTH_BYTES && /^image\/(jpeg|png|webp|avif)$/.test(file.type)
}

/**
 * The photo upright and with `side` pixels on its shorter side, as a JPEG; null where this browser cannot draw it or it
 * is no larger than that. Place and time that a camera noted are not in it.
 */
export async function smallerCopy(file: File, side: number): Promise<Blob | null> {
  try {
    return await drawScaled(file, { shorterSide: side, quality: QUALITY })
  } catch {
    return null
  }
}

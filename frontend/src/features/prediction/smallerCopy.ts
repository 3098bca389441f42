import { drawScaled } from '../../components/drawScaled'

/** A smaller file is sent before a copy could be made. */
const MIN_BYTES = 300_000
const QUALITY = 0.92

export function isWorthScaling(file: File): boolean {
  return file.size > MIN_BYTES && /^image\/(jpeg|png|webp|avif)$/.test(file.type)
}

/**
 * The photo as an upright JPEG with `side` pixels on its shorter side. Returns null if this browser cannot decode the photo
 * or if the photo is not larger than that. The copy has no EXIF data, so it does not tell where and when it was taken.
 */
export async function smallerCopy(file: File, side: number): Promise<Blob | null> {
  try {
    return await drawScaled(file, { shorterSide: side, quality: QUALITY })
  } catch {
    return null
  }
}

/** Every browser decodes JPEG, PNG, WebP and GIF. Other formats are tried: Chromium and Firefox do not decode HEIC. */
export async function canDecode(file: File): Promise<boolean> {
  if (/^image\/(jpeg|png|webp|gif)$/.test(file.type)) return true
  try {
    const bitmap = await createImageBitmap(file)
    bitmap.close()
    return true
  } catch {
    return false
  }
}

import type { ReadRows } from './framing'

/** A side of a canvas has at most so many pixels in every browser. */
const LONGEST_SIDE = 16_384

export class UndecodablePhoto extends Error {
  override name = 'UndecodablePhoto'
}

interface DecodedPhoto {
  /** Pixels of the upright photo. */
  width: number
  height: number
  /** Rows of sRGB pixels, with transparent parts in white. */
  readRows: ReadRows
  close: () => void
}

/** Decodes a photo upright and in sRGB. Rejects with `UndecodablePhoto` if this browser cannot. */
export async function decodePhoto(photo: Blob): Promise<DecodedPhoto> {
  const bitmap = await createImageBitmap(photo, {
    imageOrientation: 'from-image',
    colorSpaceConversion: 'default',
  }).catch(() => null)
  if (!bitmap) throw new UndecodablePhoto()
  const { width, height } = bitmap
  if (Math.max(width, height) > LONGEST_SIDE) {
    bitmap.close()
    throw new UndecodablePhoto()
  }
  return { width, height, readRows: rowReader(bitmap), close: () => bitmap.close() }
}

/** A canvas for all rows would exceed the limit of a phone's browser. */
function rowReader(bitmap: ImageBitmap): ReadRows {
  const canvas = new OffscreenCanvas(bitmap.width, 1)
  return (top, rows) => {
    if (canvas.height !== rows) canvas.height = rows
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (!context) throw new UndecodablePhoto()
    context.fillStyle = '#fff'
    context.fillRect(0, 0, canvas.width, rows)
    context.drawImage(bitmap, 0, top, canvas.width, rows, 0, 0, canvas.width, rows)
    return context.getImageData(0, 0, canvas.width, rows).data
  }
}

interface Options {
  /** Pixels. */
  shorterSide: number
  /** JPEG quality, 0..1. */
  quality: number
  /** Draws a photo that is already that small too, at its own size. */
  evenIfSmall?: boolean
}

/**
 * A smaller JPEG of a photo, upright, with transparent areas in white. It has no EXIF data. Returns null if the photo is
 * already that small. Rejects if the browser cannot decode the photo.
 */
export async function drawScaled(
  photo: Blob,
  { shorterSide, quality, evenIfSmall = false }: Options,
): Promise<Blob | null> {
  // The server ignores colour profiles too, so the model sees the same colours as in the original.
  const original = await createImageBitmap(photo, { colorSpaceConversion: 'none' })
  const scale = Math.min(1, shorterSide / Math.min(original.width, original.height))
  if (scale === 1 && !evenIfSmall) {
    original.close()
    return null
  }
  const width = Math.max(1, Math.round(original.width * scale))
  const height = Math.max(1, Math.round(original.height * scale))
  const scaled = await createImageBitmap(original, { resizeWidth: width, resizeHeight: height, resizeQuality: 'high' })
  original.close()
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d', { alpha: false })
  if (!context) throw new Error('This browser does not provide a 2D canvas.')
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  context.drawImage(scaled, 0, 0)
  scaled.close()
  return canvas.convertToBlob({ type: 'image/jpeg', quality })
}

interface Options {
  /** Pixels. */
  shorterSide: number
  /** Of the JPEG, 0..1. */
  quality: number
}

/**
 * A smaller JPEG of a photo, upright, transparent parts on white; null where the photo is not larger than that.
 * Rejects where the browser cannot decode it.
 */
export async function drawScaled(photo: Blob, { shorterSide, quality }: Options): Promise<Blob | null> {
  // The colours as they are in the file: the model sees them so too.
  const whole = await createImageBitmap(photo, { colorSpaceConversion: 'none' })
  const scale = shorterSide / Math.min(whole.width, whole.height)
  if (scale >= 1) {
    whole.close()
    return null
  }
  const width = Math.max(1, Math.round(whole.width * scale))
  const height = Math.max(1, Math.round(whole.height * scale))
  const small = await createImageBitmap(whole, { resizeWidth: width, resizeHeight: height, resizeQuality: 'high' })
  whole.close()
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d', { alpha: false })
  if (!context) throw new Error('This browser has no canvas to draw on.')
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  context.drawImage(small, 0, 0)
  small.close()
  return canvas.convertToBlob({ type: 'image/jpeg', quality })
}

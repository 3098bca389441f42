import type { Box } from './box'

const QUALITY = 0.92
/** Pixels. Phones do not provide larger canvases. */
const MAX_SIDE = 4096

/** A part of a photo as an upright JPEG. Rejects if the browser cannot decode the photo. */
export async function cropPhoto(file: File, box: Box): Promise<File> {
  const photo = await createImageBitmap(file)
  const left = Math.round(box.left * photo.width)
  const top = Math.round(box.top * photo.height)
  const width = Math.max(1, Math.round(box.right * photo.width) - left)
  const height = Math.max(1, Math.round(box.bottom * photo.height) - top)
  const scale = Math.min(1, MAX_SIDE / Math.max(width, height))
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)))
  const context = canvas.getContext('2d', { alpha: false })
  if (!context) throw new Error('This browser does not provide a 2D canvas.')
  context.fillStyle = '#fff' // below transparent areas
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(photo, left, top, width, height, 0, 0, canvas.width, canvas.height)
  photo.close()
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })
  return new File([blob], `${file.name.replace(/\.\w+$/, '')}-crop.jpg`, { type: 'image/jpeg' })
}

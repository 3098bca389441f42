export const PHOTO_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif', 'image/heic', 'image/heif']
/** Many browsers do not know the type of an iPhone's photo, only its name. */
const PHOTO_NAMES = /\.(heic|heif|avif)$/i
export const MAX_BYTES = 20 * 1024 * 1024

/** Why a file is not worth sending, or null when it is. */
export function checkPhoto(file: File): string | null {
  const isPhoto = PHOTO_TYPES.includes(file.type) || (file.type === '' && PHOTO_NAMES.test(file.name))
  if (!isPhoto) {
    return `“${file.name}” is ${file.type || 'a file of unknown type'}. Please choose a JPEG, PNG, WebP, GIF, AVIF or HEIC photo.`
  }
  if (file.size === 0) return `“${file.name}” is empty. Please choose another photo.`
  if (file.size > MAX_BYTES) {
    const megabytes = (file.size / 1024 / 1024).toFixed(1)
    return `“${file.name}” has ${megabytes} MB; 20 MB is the most. Please choose a smaller photo.`
  }
  return null
}

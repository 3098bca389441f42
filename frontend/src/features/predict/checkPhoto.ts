export const PHOTO_TYPES = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/heic',
  'image/heif',
]
/** Many browsers do not know the type of an iPhone's photo, only its name. */
const PHOTO_NAMES = /\.(heic|heif|avif)$/i
/** Beyond this a browser on a phone may run out of memory while it makes the photo smaller. */
const MAX_BYTES_TO_SCALE = 200 * 1024 * 1024

export interface Refusal {
  reason: 'type' | 'empty' | 'size'
  name: string
  type: string
  megabytes: string
  limit: number
}

function whyNot(file: File): Refusal['reason'] | null {
  const isPhoto = PHOTO_TYPES.includes(file.type) || (file.type === '' && PHOTO_NAMES.test(file.name))
  if (!isPhoto) return 'type'
  if (file.size === 0) return 'empty'
  return file.size > MAX_BYTES_TO_SCALE ? 'size' : null
}

/** Why a file is not worth sending, or null when it is. */
export function checkPhoto(file: File): Refusal | null {
  const reason = whyNot(file)
  if (!reason) return null
  return {
    reason,
    name: file.name,
    type: file.type,
    megabytes: (file.size / 1024 / 1024).toFixed(1),
    limit: MAX_BYTES_TO_SCALE / 1024 / 1024,
  }
}

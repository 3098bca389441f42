import { isAccepted } from './acceptedFormats'

/** Scaling down a larger photo may exceed the memory of a browser on a phone. */
const MAX_BYTES_TO_SCALE = 200 * 1024 * 1024

export interface FileRejection {
  reason: 'type' | 'empty' | 'size'
  name: string
  type: string
  megabytes: string
  limit: number
}

function rejectionReason(file: File, mediaTypes: string[] | undefined): FileRejection['reason'] | null {
  if (!isAccepted(file, mediaTypes)) return 'type'
  if (file.size === 0) return 'empty'
  return file.size > MAX_BYTES_TO_SCALE ? 'size' : null
}

/** Why a file cannot be sent, or null if it can. */
export function checkPhoto(file: File, mediaTypes: string[] | undefined): FileRejection | null {
  const reason = rejectionReason(file, mediaTypes)
  if (!reason) return null
  return {
    reason,
    name: file.name,
    type: file.type,
    megabytes: (file.size / 1024 / 1024).toFixed(1),
    limit: MAX_BYTES_TO_SCALE / 1024 / 1024,
  }
}

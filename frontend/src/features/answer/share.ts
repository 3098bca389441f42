import { drawScaled } from '../../components/drawScaled'

export interface SharedPhoto {
  bytes: Blob
  /** The file name. */
  name: string
}

interface SharedAnswer {
  text: string
  /** The link to the answer, if it has one. */
  url?: string
  photo?: SharedPhoto
}

/** Pixels of the shorter side. */
const PHOTO_SIDE = 1080

/** Whether this device shows a sheet of apps to share with. On computers, people copy. */
export function hasShareSheet(): boolean {
  return 'share' in navigator && window.matchMedia('(pointer: coarse)').matches
}

/** A copy without EXIF data, which would tell where the photo was taken. None if this browser cannot make one. */
async function copyOf({ bytes, name }: SharedPhoto): Promise<File[]> {
  try {
    const copy = await drawScaled(bytes, { shorterSide: PHOTO_SIDE, quality: 0.9, evenIfSmall: true })
    return copy ? [new File([copy], name.replace(/(\.[^.]*)?$/, '.jpg'), { type: copy.type })] : []
  } catch {
    return []
  }
}

/** Opens the share sheet, with the photo if the browser can share files. Returns false if sharing failed. */
export async function shareAnswer({ photo, ...answer }: SharedAnswer): Promise<boolean> {
  const withPhoto = { ...answer, files: photo ? await copyOf(photo) : [] }
  const canSharePhoto = withPhoto.files.length > 0 && navigator.canShare?.(withPhoto)
  try {
    await navigator.share(canSharePhoto ? withPhoto : answer)
    return true
  } catch (error) {
    return error instanceof DOMException && error.name === 'AbortError' // the visitor closed the sheet
  }
}

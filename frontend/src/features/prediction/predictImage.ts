import type { Prediction } from '../../api/types'
import { upload, type UploadOptions } from './upload'

interface Options extends UploadOptions {
  /** Asks for a JPEG preview, for photos that this browser cannot decode. */
  wantsPreview?: boolean
  /** Asks for a heat map (class activation map). */
  wantsExplanation?: boolean
}

export function predictImage(photo: Blob, name: string, options: Options): Promise<Prediction> {
  const query = new URLSearchParams()
  if (options.wantsPreview) query.set('preview', 'true')
  if (options.wantsExplanation) query.set('explain', 'true')
  const form = new FormData()
  form.append('image', photo, name)
  return upload(`/predictImage${query.size > 0 ? `?${query}` : ''}`, form, options)
}

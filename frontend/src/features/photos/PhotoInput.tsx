import type { ChangeEvent, RefObject } from 'react'
import { useAcceptedFormats } from './useAcceptedFormats'

interface Props {
  inputRef: RefObject<HTMLInputElement | null>
  label: string
  id?: string
  /** Opens the camera of a phone. */
  isCamera?: boolean
  onFiles: (files: File[]) => void
}

/** A file input, opened by a click on something else. */
export function PhotoInput({ inputRef, label, id, isCamera = false, onFiles }: Props) {
  const { accept } = useAcceptedFormats()
  const onChange = (event: ChangeEvent<HTMLInputElement>) => {
    onFiles([...(event.target.files ?? [])])
    event.target.value = '' // so that the same file can be chosen again
  }
  const kind = isCamera ? ({ accept: 'image/*', capture: 'environment' } as const) : { accept, multiple: true }
  return <input ref={inputRef} id={id} type="file" aria-label={label} hidden onChange={onChange} {...kind} />
}

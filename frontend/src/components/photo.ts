/** A photo that the visitor has chosen. */
export interface Photo {
  /** Unique, also if the same file is chosen twice. */
  id: number
  file: File
  /** An object URL, for the preview. */
  url: string
}

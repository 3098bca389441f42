/** Formats whose name is not simply the media type's subtype in capitals. */
const NAMES: Record<string, string> = { webp: 'WebP', heif: 'HEIC' }

/** "heic" of "image/heic". */
function subtype(mediaType: string): string {
  return mediaType.slice(mediaType.indexOf('/') + 1)
}

/**
 * Whether the server accepts a file of this type and name. `mediaTypes` is undefined until the server has listed what it
 * accepts. Until then every image is accepted, and the server checks it after the upload.
 */
export function isAccepted({ type, name }: Pick<File, 'type' | 'name'>, mediaTypes: string[] | undefined): boolean {
  if (type !== '') return mediaTypes ? mediaTypes.includes(type) : type.startsWith('image/')
  // Many browsers do not know the media type of HEIC and AVIF files, so the file name extension decides.
  const extension = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase()
  if (!extension) return false
  return mediaTypes?.map(subtype).includes(extension) ?? true
}

/** The `accept` attribute of a file input. */
export function acceptAttribute(mediaTypes: string[] | undefined): string {
  if (!mediaTypes) return 'image/*'
  // File dialogs may know HEIC files by their extension only.
  return mediaTypes.flatMap((type) => [type, `.${subtype(type)}`]).join(',')
}

/** The names of the formats as a list, such as "JPEG, PNG, or HEIC". */
export function formatNames(mediaTypes: string[], language: string): string {
  const names = new Set(mediaTypes.map(subtype).map((format) => NAMES[format] ?? format.toUpperCase()))
  return new Intl.ListFormat(language, { type: 'disjunction' }).format(names)
}

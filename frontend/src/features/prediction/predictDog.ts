import type { Answers } from '../../api/types'
import { canDecode, isWorthScaling, smallerCopy } from './smallerCopy'
import { upload, type UploadOptions } from './upload'

interface Options extends UploadOptions {
  /** Pixels of the shorter side of a smaller copy. The model sees no more detail in a larger one. */
  sufficientSide: number
  /** The most bytes that the server accepts in one request. */
  maxBytes: number
  wantsExplanation: boolean
}

/** Above this size, making copies takes less time than sending the originals, on most connections. */
const MAX_BYTES_OF_ORIGINALS = 2_000_000

/** So that adding a photo does not make copies of the others again. */
const copies = new WeakMap<File, Promise<Blob | null>>()

/** Sends several photos of one dog in one request. Also returns the bytes that were sent for each. */
export async function predictDog(files: File[], options: Options): Promise<Answers & { sent: Blob[] }> {
  const sent = await smallEnough(files, options)
  const query = new URLSearchParams({ same_dog: 'true' })
  if (options.wantsExplanation) query.set('explain', 'true')
  const isDecodable = await Promise.all(files.map(canDecode))
  if (isDecodable.includes(false)) query.set('preview', 'true')
  const form = new FormData()
  files.forEach(({ name }, index) => form.append('image', sent[index] as Blob, name))
  const { answers, dog } = await upload<Answers>(`/api/predictions?${query}`, form, options)
  // The previews of all photos were requested, but only some photos need one.
  return { dog, sent, answers: answers.map((answer, index) => (isDecodable[index] ? withoutPreview(answer) : answer)) }
}

function withoutPreview(answer: Answers['answers'][number]): Answers['answers'][number] {
  return 'breed' in answer ? { ...answer, preview: undefined } : answer
}

/** The originals, or smaller copies if the originals are large together. */
async function smallEnough(files: File[], { signal, sufficientSide, maxBytes }: Options): Promise<Blob[]> {
  const total = files.reduce((sum, { size }) => sum + size, 0)
  if (total <= Math.min(maxBytes, MAX_BYTES_OF_ORIGINALS)) return files
  const sent: Blob[] = []
  for (const file of files) {
    signal.throwIfAborted()
    sent.push((isWorthScaling(file) && (await copyOf(file, sufficientSide))) || file) // one by one, to save memory
  }
  return sent
}

function copyOf(file: File, side: number): Promise<Blob | null> {
  const copy = copies.get(file) ?? smallerCopy(file, side)
  copies.set(file, copy)
  return copy
}

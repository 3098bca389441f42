import { droppedFiles } from './droppedFiles'

/**
 * Takes photos in every way there is: chosen, from the camera, dropped or pasted. It works on the page's static first screen
 * too: photos that come before the rest of the page has loaded wait for it. So it uses no React.
 */

/** `isMoreOfDog`: whether they were dropped where more photos of the shown dog are taken. */
type Taker = (files: File[], isMoreOfDog: boolean) => void

let taker: Taker | undefined
let waiting: File[] = []
let isListening = false

/** A button with this attribute opens the file input with that id. */
export const OPENS = 'data-opens'
/** A file input with this attribute is for photos. */
export const PHOTO_INPUT = 'data-photo-input'
/** What is dropped on an element with this attribute are more photos of the dog that is shown. */
export const MORE_OF_DOG = 'data-more-of-dog'

function pass(files: File[], isMoreOfDog = false) {
  if (files.length === 0) return
  if (taker) return taker(files, isMoreOfDog)
  waiting = files // newer photos replace earlier ones, as they do later
  document.documentElement.dataset.photos = 'waiting'
}

/** Calls `taker` with all photos from now on, and with those that are waiting. Returns a function that ends it. */
export function takePhotos(newTaker: Taker): () => void {
  listenForPhotos()
  taker = newTaker
  const files = waiting
  waiting = []
  delete document.documentElement.dataset.photos
  pass(files)
  return () => {
    if (taker === newTaker) taker = undefined
  }
}

/** Begins to listen. Further calls do nothing. */
export function listenForPhotos() {
  if (isListening) return
  isListening = true
  document.addEventListener('click', openDialog)
  document.addEventListener('change', takeChosen)
  document.addEventListener('paste', takePasted)
  document.addEventListener('dragover', allowDrop)
  document.addEventListener('drop', takeDropped)
}

function openDialog({ target }: Event) {
  const id = (target as Element).closest?.(`[${OPENS}]`)?.getAttribute(OPENS)
  if (id) document.getElementById(id)?.click()
}

function takeChosen({ target }: Event) {
  if (!(target instanceof HTMLInputElement) || !target.hasAttribute(PHOTO_INPUT)) return
  pass([...(target.files ?? [])])
  target.value = '' // so that the same file can be chosen again
}

/** Pasted text is ignored. */
function takePasted(event: ClipboardEvent) {
  const files = [...(event.clipboardData?.files ?? [])]
  if (files.length === 0) return
  event.preventDefault()
  pass(files)
}

export function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') ?? false
}

function allowDrop(event: DragEvent) {
  if (hasFiles(event)) event.preventDefault()
}

async function takeDropped(event: DragEvent) {
  if (!event.dataTransfer || !hasFiles(event)) return
  event.preventDefault()
  const isMoreOfDog = (event.target as Element).closest?.(`[${MORE_OF_DOG}]`) != null // before the overlay goes
  pass(await droppedFiles(event.dataTransfer), isMoreOfDog)
}

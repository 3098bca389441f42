import { expect, type APIRequestContext, type Page } from '@playwright/test'

interface Breed {
  name: string
  probability: number
}

export interface Prediction extends Breed {
  probabilities: Breed[]
  verdict: { level: 'breed' | 'group' | 'uncertain' | 'not_a_dog' } | null
}

/** The API's answer to the photo. */
export async function predict(request: APIRequestContext, buffer: Buffer): Promise<Prediction> {
  const response = await request.post('/predictImage', {
    multipart: { image: { name: 'dog.jpg', mimeType: 'image/jpeg', buffer } },
  })
  expect(response.status()).toBe(200)
  return (await response.json()) as Prediction
}

/** Drops or pastes a file with real browser events. */
export async function deliver(
  page: Page,
  how: 'drop' | 'paste',
  buffer: Buffer,
  name = 'dog.jpg',
  type = 'image/jpeg',
) {
  await page.evaluate(
    async ({ how, base64, name, type }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
      const transfer = new DataTransfer()
      transfer.items.add(new File([bytes], name, { type }))
      if (how === 'paste') {
        document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }))
        return
      }
      const fire = (target: Element, event: string) =>
        target.dispatchEvent(new DragEvent(event, { dataTransfer: transfer, bubbles: true, cancelable: true }))
      const middle = () => document.elementFromPoint(window.innerWidth / 2, window.innerHeight / 2) ?? document.body
      const below = middle()
      fire(document.body, 'dragenter')
      while (middle() === below) await new Promise(requestAnimationFrame) // until the overlay is shown
      fire(middle(), 'dragover')
      fire(middle(), 'drop')
    },
    { how, base64: buffer.toString('base64'), name, type },
  )
}

/** Chooses files as in the file dialog. */
export async function choose(page: Page, ...files: { name: string; buffer: Buffer; mimeType?: string }[]) {
  const input = page.getByLabel(/^(Photo of a dog|Foto eines Hundes)$/)
  await input.setInputFiles(files.map((file) => ({ mimeType: 'image/jpeg', ...file })))
}

import AxeBuilder from '@axe-core/playwright'
import { expect, type APIRequestContext, type Page } from '@playwright/test'

interface Breed {
  name: string
  probability: number
}

export interface Prediction extends Breed {
  probabilities: Breed[]
  verdict: { level: 'breed' | 'group' | 'uncertain' | 'not_a_dog' } | null
}

/** What the API answers to the same bytes, asked directly. */
export async function ask(request: APIRequestContext, buffer: Buffer): Promise<Prediction> {
  const response = await request.post('/predictImage', {
    multipart: { image: { name: 'dog.jpg', mimeType: 'image/jpeg', buffer } },
  })
  expect(response.status()).toBe(200)
  return (await response.json()) as Prediction
}

/** A number as the page writes it, within the rounding that its own digits show and a tolerance, 0..1. */
function expectPercent(text: string | null, probability: number, tolerance: number) {
  const digits = /^[<>]?(\d+)(\.\d)?%$/.exec(text?.trim() ?? '')
  expect(digits, `“${text}” is a percentage`).not.toBeNull()
  const half = text?.startsWith('<') || text?.startsWith('>') ? 1 : digits?.[2] ? 0.051 : 0.51
  expect(Math.abs(parseFloat(text?.replace(/[<>]/, '') ?? '') - probability * 100)).toBeLessThanOrEqual(
    half + tolerance * 100,
  )
}

const HEADINGS = { group: /^An? /, uncertain: 'Hard to tell', not_a_dog: 'This does not look like a dog' }

/** The heading says what the verdict allows, and the list begins with the likeliest breed in any case. */
export async function expectAnswer(page: Page, expected: Prediction, tolerance = 0) {
  const level = expected.verdict?.level ?? 'breed'
  await expect(page.getByRole('heading', { level: 2 })).toHaveText(level === 'breed' ? expected.name : HEADINGS[level])
  const first = page.getByRole('list', { name: 'Breeds by probability' }).getByRole('listitem').first()
  await expect(first).toContainText(expected.name)
  const text = (await first.textContent())?.replace(expected.name, '') ?? null
  expectPercent(text, expected.probability, tolerance)
  if (level === 'breed') await expect(page.getByTestId('probability')).toHaveText(text ?? '')
}

/** axe looks at the page as it stays: when whatever was moving or fading has come to rest. */
export async function expectNoViolations(page: Page) {
  await page.waitForFunction(() => document.getAnimations().every((animation) => animation.playState !== 'running'))
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
}

/** Bytes become a File inside the page, and arrive there in a real drop or paste event. */
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
      while (middle() === below) await new Promise(requestAnimationFrame) // until the overlay is there
      fire(middle(), 'dragover')
      fire(middle(), 'drop')
    },
    { how, base64: buffer.toString('base64'), name, type },
  )
}

/** Chooses files as the file dialog does. */
export async function choose(page: Page, ...files: { name: string; buffer: Buffer; mimeType?: string }[]) {
  const input = page.getByLabel(/^(Photo of a dog|Foto eines Hundes)$/)
  await input.setInputFiles(files.map((file) => ({ mimeType: 'image/jpeg', ...file })))
}

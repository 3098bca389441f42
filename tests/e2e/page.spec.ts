import AxeBuilder from '@axe-core/playwright'
import { expect, test, type APIRequestContext, type Page } from '@playwright/test'
import { drawnJpeg } from './photos'

interface Prediction {
  name: string
  probability: number
  probabilities: { name: string; probability: number }[]
}

/** What the API answers to the same bytes, asked directly. */
async function ask(request: APIRequestContext, buffer: Buffer): Promise<Prediction> {
  const response = await request.post('/predictImage', {
    multipart: { image: { name: 'dog.jpg', mimeType: 'image/jpeg', buffer } },
  })
  expect(response.status()).toBe(200)
  return (await response.json()) as Prediction
}

/** A number as the page writes it, within the rounding that its own digits show. */
function expectPercent(text: string | null, probability: number) {
  const digits = /^[<>]?(\d+)(\.\d)?%$/.exec(text?.trim() ?? '')
  expect(digits, `“${text}” is a percentage`).not.toBeNull()
  const half = text?.startsWith('<') || text?.startsWith('>') ? 1 : digits?.[2] ? 0.051 : 0.51
  expect(Math.abs(parseFloat(text?.replace(/[<>]/, '') ?? '') - probability * 100)).toBeLessThanOrEqual(half)
}

async function expectAnswer(page: Page, expected: Prediction) {
  await expect(page.getByRole('heading', { level: 2 })).toHaveText(expected.name)
  expectPercent(await page.getByTestId('probability').textContent(), expected.probability)
}

/** axe looks at the page as it stays: when whatever was moving or fading has come to rest. */
async function expectNoViolations(page: Page) {
  await page.waitForFunction(() => document.getAnimations().every((animation) => animation.playState !== 'running'))
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
}

/** Bytes become a File inside the page, and arrive there in a real drop or paste event. */
async function deliver(page: Page, how: 'drop' | 'paste', buffer: Buffer, name = 'dog.jpg', type = 'image/jpeg') {
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

test.beforeEach(async ({ page }) => {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('filechooser', () => {}) // Chromium hands file dialogs over only a moment after it is asked to: ask now
  await page.goto('/')
  await expect(page.getByText(/^Answered by/)).toBeVisible()
  expect(complaints).toEqual([])
})

test('a dropped photo gets the answer that the API gives to the same bytes', async ({ page, request }) => {
  const jpeg = drawnJpeg()
  await deliver(page, 'drop', jpeg)
  await expect(page.getByRole('img', { name: 'Your photo: dog.jpg' })).toBeVisible()
  const expected = await ask(request, jpeg)
  await expectAnswer(page, expected)

  const rows = page.getByRole('list', { name: 'Breeds by probability' }).getByRole('listitem')
  await expect(rows).toHaveCount(Math.min(5, expected.probabilities.length))
  if (expected.probabilities.length > 5) {
    await page.getByRole('button', { name: `Show all ${expected.probabilities.length} breeds` }).click()
  }
  await expect(rows).toHaveCount(expected.probabilities.length)
  const last = expected.probabilities.at(-1)
  await expect(rows.last()).toContainText(last?.name ?? '')
})

test('a pasted photo gets the same answer', async ({ page, request }) => {
  const jpeg = drawnJpeg(300, 420)
  await deliver(page, 'paste', jpeg)
  await expectAnswer(page, await ask(request, jpeg))
})

test('a file that is no photo gets the reason that the API gives, and the next photo an answer', async ({
  page,
  request,
}) => {
  const words = Buffer.from('These are words, and no photo.')
  const response = await request.post('/predictImage', {
    multipart: { image: { name: 'words.jpg', mimeType: 'image/jpeg', buffer: words } },
  })
  expect(response.ok()).toBe(false)
  const { detail } = (await response.json()) as { detail: string }
  await page.getByLabel('Photo of a dog').setInputFiles({ name: 'words.jpg', mimeType: 'image/jpeg', buffer: words })
  await expect(page.getByRole('alert')).toContainText(detail)
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()

  const jpeg = drawnJpeg()
  await deliver(page, 'drop', jpeg)
  await expectAnswer(page, await ask(request, jpeg))
  await expect(page.getByRole('alert')).toHaveCount(0)
})

test('a document is refused without being sent', async ({ page }) => {
  let posts = 0
  page.on('request', (request) => (posts += request.method() === 'POST' ? 1 : 0))
  await deliver(page, 'drop', Buffer.from('%PDF-1.7'), 'cv.pdf', 'application/pdf')
  await expect(page.getByRole('alert')).toContainText('“cv.pdf” is application/pdf')
  expect(posts).toBe(0)
})

test('a server out of reach is said to be so, and trying again works once it is back', async ({ page, context }) => {
  await context.setOffline(true)
  await deliver(page, 'drop', drawnJpeg())
  await expect(page.getByRole('alert')).toContainText('The server could not be reached.')
  await context.setOffline(false)
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
})

test('the keyboard alone chooses a photo and reads the answer', async ({ page, request }) => {
  const jpeg = drawnJpeg(200, 200)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Choose a photo' })).toBeFocused()
  const chooser = page.waitForEvent('filechooser')
  await page.keyboard.press('Enter')
  await (await chooser).setFiles({ name: 'dog.jpg', mimeType: 'image/jpeg', buffer: jpeg })
  const expected = await ask(request, jpeg)
  await expectAnswer(page, expected)
  await expect(page.getByRole('status').first()).toContainText(expected.name)
  await expect(page.getByRole('button', { name: 'Choose another photo' })).toBeFocused()
  if (expected.probabilities.length > 5) {
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    await page.keyboard.press('Tab')
    await expect(page.getByRole('searchbox', { name: 'Search breeds' })).toBeFocused()
  }
})

test('nothing above the answer moves when it comes', async ({ page }) => {
  const stage = page.getByRole('button', { name: /Choose/ }).locator('..')
  const before = await stage.boundingBox()
  await deliver(page, 'drop', drawnJpeg(200, 700))
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  expect(await stage.boundingBox()).toEqual(before)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in the ${colorScheme}`, () => {
    // Before the page opens: colours that are still changing have contrasts that nobody gets to see.
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } })

    test('axe finds nothing to object to', async ({ page }) => {
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme)
      await expectNoViolations(page)
      await deliver(page, 'drop', drawnJpeg())
      await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
      await expectNoViolations(page)
    })
  })
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

  test('a tap chooses a photo, and the answer is in view without scrolling', async ({ page, request }) => {
    const jpeg = drawnJpeg(360, 480)
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choose a photo' }).tap()
    await (await chooser).setFiles({ name: 'dog.jpg', mimeType: 'image/jpeg', buffer: jpeg })
    await expectAnswer(page, await ask(request, jpeg))
    await expect(page.getByRole('heading', { level: 2 })).toBeInViewport()
    await expect(page.getByTestId('probability')).toBeInViewport()
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(overflow).toBe(0)
  })
})

test('the content policy stands in the way of none of our own pages', async ({ page }) => {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text())
  })
  await deliver(page, 'drop', drawnJpeg())
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  await page.goto('/api/predictImage')
  await expect(page.getByRole('button', { name: 'POST', exact: true })).toBeVisible()
  await page.goto('/api/docs/')
  await expect(page.getByText('/api/predictions/{id}/feedback')).toBeVisible()
  expect(complaints).toEqual([])
})

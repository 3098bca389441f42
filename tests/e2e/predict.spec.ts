import { expect, test } from '@playwright/test'
import { deliver, predict } from './actions'
import { expectAnswer } from './assertions'
import { drawnJpeg } from './photos'

test.beforeEach(async ({ page }) => {
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('filechooser', () => {}) // early, because Chromium intercepts file dialogs only after a moment
  await page.goto('/')
  await expect(page.getByText(/^Answered by/)).toBeVisible()
  expect(errors).toEqual([])
})

test('a dropped photo gets the same answer as from the API', async ({ page, request }) => {
  const jpeg = drawnJpeg()
  await deliver(page, 'drop', jpeg)
  await expect(page.getByRole('img', { name: 'Your photo: dog.jpg' })).toBeVisible()
  const expected = await predict(request, jpeg)
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
  await expectAnswer(page, await predict(request, jpeg))
})

test('a file that is not a photo shows the reason of the API, and the next photo gets an answer', async ({
  page,
  request,
}) => {
  const textFile = Buffer.from('This is text, not a photo.')
  const response = await request.post('/predictImage', {
    multipart: { image: { name: 'words.jpg', mimeType: 'image/jpeg', buffer: textFile } },
  })
  expect(response.ok()).toBe(false)
  const { detail } = (await response.json()) as { detail: string }
  await page.getByLabel('Photo of a dog').setInputFiles({ name: 'words.jpg', mimeType: 'image/jpeg', buffer: textFile })
  await expect(page.getByRole('alert')).toContainText(detail)
  await expect(page.getByRole('button', { name: 'Try again' })).toHaveCount(0) // it would be rejected again

  const jpeg = drawnJpeg()
  await deliver(page, 'drop', jpeg)
  await expectAnswer(page, await predict(request, jpeg))
  await expect(page.getByRole('alert')).toHaveCount(0)
})

test('a document is rejected without being sent', async ({ page }) => {
  let posts = 0
  page.on('request', (request) => (posts += request.method() === 'POST' ? 1 : 0))
  await deliver(page, 'drop', Buffer.from('%PDF-1.7'), 'cv.pdf', 'application/pdf')
  await expect(page.getByRole('alert')).toContainText('“cv.pdf” is application/pdf')
  expect(posts).toBe(0)
})

test('offline, the page shows an error, and sends the photo when there is a connection', async ({
  page,
  context,
  request,
}) => {
  const jpeg = drawnJpeg()
  await context.setOffline(true)
  await deliver(page, 'drop', jpeg)
  await expect(page.getByRole('alert')).toContainText('You are offline.')
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()
  await context.setOffline(false)
  await expectAnswer(page, await predict(request, jpeg))
})

test('a photo can be chosen and the answer read with the keyboard', async ({ page, request }) => {
  const jpeg = drawnJpeg(200, 200)
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused()
  for (let link = 0; link < 5; link += 1) await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Choose a photo' })).toBeFocused()
  const chooser = page.waitForEvent('filechooser')
  await page.keyboard.press('Enter')
  await (await chooser).setFiles({ name: 'dog.jpg', mimeType: 'image/jpeg', buffer: jpeg })
  const expected = await predict(request, jpeg)
  await expectAnswer(page, expected)
  const heading = await page.getByRole('heading', { level: 2 }).textContent()
  await expect(page.getByRole('status').first()).toContainText(heading ?? '')
  await expect(page.getByRole('button', { name: 'Choose another photo' })).toBeFocused()
  await page.getByRole('button', { name: 'Copy the link' }).focus()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('searchbox', { name: 'Search breeds' })).toBeFocused()
})

test('the layout above the answer does not shift when it comes', async ({ page }) => {
  const frame = page.getByRole('button', { name: /Choose/ }).locator('../..')
  const before = await frame.boundingBox()
  await deliver(page, 'drop', drawnJpeg(200, 700))
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  expect(await frame.boundingBox()).toEqual(before)
})

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

  test('a tap chooses a photo, and the answer is visible without scrolling', async ({ page, request }) => {
    const jpeg = drawnJpeg(360, 480)
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choose a photo' }).tap()
    await (await chooser).setFiles({ name: 'dog.jpg', mimeType: 'image/jpeg', buffer: jpeg })
    await expectAnswer(page, await predict(request, jpeg))
    await expect(page.getByRole('heading', { level: 2 })).toBeInViewport()
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(overflow).toBe(0)
  })
})

test('the content security policy blocks none of our own pages', async ({ page }) => {
  const violations: string[] = []
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) violations.push(message.text())
  })
  await deliver(page, 'drop', drawnJpeg())
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  await page.goto('/api/predictImage')
  await expect(page.getByRole('button', { name: 'POST', exact: true })).toBeVisible()
  await page.goto('/api/docs/')
  await expect(page.getByText('/api/predictions/{id}/feedback')).toBeVisible()
  expect(violations).toEqual([])
})

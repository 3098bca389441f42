import { expect, test, type Page } from '@playwright/test'
import { predict } from './actions'
import { expectAnswer } from './assertions'
import { drawnJpeg } from './photos'

/** Holds back the scripts that the page loads after the first paint. Returns a function that lets them through. */
async function holdScripts(page: Page): Promise<() => void> {
  let release = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  await page.route(/\/assets\/(?!index-).*\.js$/, async (route) => {
    await released
    await route.continue()
  })
  return release
}

test('a photo chosen before the page has loaded is answered', async ({ page, request }) => {
  const errors: string[] = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', (error) => errors.push(error.message))
  const release = await holdScripts(page)
  await page.goto('/', { waitUntil: 'commit' })
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose a photo' }).click()
  const jpeg = drawnJpeg()
  await (await chooser).setFiles({ name: 'dog.jpg', mimeType: 'image/jpeg', buffer: jpeg })
  await expect(page.locator('html')).toHaveAttribute('data-photos', 'waiting')
  const frame = page.getByRole('button', { name: 'Choose a photo' }).locator('../..')
  const before = await frame.boundingBox()

  release()
  await expectAnswer(page, await predict(request, jpeg))
  expect(await page.getByRole('button', { name: 'Choose another photo' }).locator('../..').boundingBox()).toEqual(
    before,
  )
  expect(errors).toEqual([]) // such as that React rendered something else than the first screen
})

test.describe('in German', () => {
  test.use({ locale: 'de-DE' })

  test('the first screen is in German before the page has loaded, and says so if the page cannot be loaded', async ({
    page,
  }) => {
    await page.route(/\/assets\/(?!index-).*\.js$/, (route) => route.abort())
    await page.goto('/')
    await expect(page.getByRole('heading', { name: 'Welche Rasse hat dieser Hund?' })).toBeVisible()
    await expect(page.locator('html')).toHaveAttribute('lang', 'de')
    await expect(page.getByRole('alert')).toContainText('Die Seite konnte nicht geladen werden.')
  })
})

import { expect, test, type Page, type Request } from '@playwright/test'
import { choose, predict } from './actions'
import { expectAnswer } from './assertions'
import { drawnJpeg } from './photos'

test.use({ serviceWorkers: 'allow', contextOptions: { reducedMotion: 'reduce' } })

const READY = 'Photos are answered on this device, also without a connection.'

async function choosePrivateMode(page: Page) {
  await page.getByRole('switch', { name: 'Private mode' }).check()
  await expect(page.getByText(READY)).toBeVisible({ timeout: 45_000 })
}

test('in private mode no photo leaves the device, and photos are answered offline', async ({
  page,
  context,
  request,
}) => {
  test.setTimeout(120_000)
  const sent: Request[] = []
  context.on('request', (one) => sent.push(one))
  await page.goto('/')
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated')
  const isPrivate = (one: Request) => /private|network/.test(new URL(one.url()).pathname)
  expect(sent.filter(isPrivate)).toEqual([]) // nothing is downloaded before it is chosen
  await choosePrivateMode(page)
  await choose(page, { name: 'dog.jpg', buffer: drawnJpeg() })
  await expectAnswer(page, await predict(request, drawnJpeg()), 0.05)
  await expect(page.getByText(/^This answer was given on this device/)).toBeVisible()
  await expect(page.getByText('Was it right?')).toHaveCount(0)

  await context.setOffline(true)
  await page.reload()
  await expect(page.getByText(READY)).toBeVisible({ timeout: 45_000 })
  await choose(page, { name: 'other.jpg', buffer: drawnJpeg(300, 400) })
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  await page.getByRole('link', { name: 'History' }).click()
  await expect(page.getByRole('link', { name: /^Open the answer/ })).toHaveCount(2)
  await page
    .getByRole('link', { name: /^Open the answer/ })
    .first()
    .click()
  await expect(page.locator('#content').getByText(/^This answer was given on this device/)).toBeVisible()
  expect(sent.filter((one) => one.method() !== 'GET' || one.postDataBuffer() !== null)).toEqual([])
})

test.describe('without a service worker', () => {
  test.use({ serviceWorkers: 'block' })

  test('a damaged download is noticed and not kept, and another try works', async ({ page }) => {
    let isDamaged = true
    await page.context().route('**/api/model/network/*', async (route) => {
      if (!isDamaged) return route.continue()
      const body = (await (await route.fetch()).body()).subarray(0, -1000)
      await route.fulfill({ body, contentType: 'application/octet-stream' })
    })
    await page.goto('/')
    await page.getByRole('switch', { name: 'Private mode' }).check()
    await expect(page.getByRole('alert')).toContainText('Private mode did not start', { timeout: 45_000 })
    const kept = () =>
      page.evaluate(async () =>
        (await (await caches.open('private-files')).keys()).map(({ url }) => new URL(url).pathname),
      )
    expect((await kept()).filter((path) => path.startsWith('/api/'))).toEqual([])
    isDamaged = false
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect(page.getByText(READY)).toBeVisible({ timeout: 45_000 })
    expect(await kept()).toHaveLength(3)

    await choose(page, { name: 'dog.heic', mimeType: 'image/heic', buffer: Buffer.from('not a photo') })
    await expect(page.getByRole('alert')).toContainText('This browser cannot open the photo.')
    const other = await page.context().newPage()
    await other.goto('/')
    await expect(other.getByText(READY)).toBeVisible({ timeout: 45_000 })
    await choose(other, { name: 'dog.jpg', buffer: drawnJpeg() })
    await expect(other.getByRole('heading', { level: 2 })).toBeVisible()
  })
})

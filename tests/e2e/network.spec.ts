import { expect, test, type CDPSession, type Page } from '@playwright/test'
import { choose, predict } from './actions'
import { expectAnswer } from './assertions'
import { drawnJpeg, largePng, padded } from './photos'
import { TestServer } from './server'

const networks = new WeakMap<Page, CDPSession>()

/** Bytes per second. -1 means no limit. */
async function limitUpload(page: Page, uploadThroughput: number) {
  const network = networks.get(page) ?? (await page.context().newCDPSession(page))
  networks.set(page, network)
  await network.send('Network.enable')
  await network.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput,
  })
}

test.describe('on a slow connection', () => {
  test.beforeEach(async ({ page }) => {
    await page.goto('/')
    await expect(page.getByText(/^Answered by/)).toBeVisible()
  })

  test('the upload shows its progress', async ({ page }) => {
    await limitUpload(page, 60_000)
    await choose(page, { name: 'dog.gif', buffer: padded(drawnJpeg(), 150_000), mimeType: 'image/gif' })
    await expect(page.getByText('Sending your photo', { exact: true })).toBeVisible()
    await expect(page.getByText(/^[1-9]\d%$/)).toBeVisible()
    await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  })

  test('a smaller copy replaces a large photo, and gets the same answer', async ({ page, request }) => {
    const photo = drawnJpeg(2400, 1800)
    const large = padded(photo, 3_000_000)
    await limitUpload(page, 100_000) // the original would take 30 seconds
    await choose(page, { name: 'large.jpg', buffer: large })
    await expect(page.getByRole('heading', { level: 2 })).toBeVisible({ timeout: 15_000 })
    await expectAnswer(page, await predict(request, photo), 0.03)
  })

  test('a newer photo replaces one that is being sent', async ({ page, request }) => {
    const aborted: string[] = []
    page.on('requestfailed', (failed) => aborted.push(failed.url()))
    await limitUpload(page, 20_000)
    await choose(page, { name: 'older.gif', buffer: padded(drawnJpeg(), 250_000), mimeType: 'image/gif' })
    await expect(page.getByText('Sending your photo', { exact: true })).toBeVisible()
    const newer = drawnJpeg(200, 300)
    await choose(page, { name: 'newer.jpg', buffer: newer })
    await expectAnswer(page, await predict(request, newer))
    expect(aborted.filter((url) => url.includes('predictImage'))).toHaveLength(1)
    await expect(page.getByRole('alert')).toHaveCount(0)
  })
})

test('if the server stops during an upload, the photo can be sent again when it is back', async ({ page }) => {
  test.setTimeout(90_000)
  const server = await TestServer.started()
  try {
    await page.goto(server.url)
    await expect(page.getByText(/^Answered by/)).toBeVisible()
    await limitUpload(page, 40_000)
    await choose(page, { name: 'dog.gif', buffer: padded(drawnJpeg(), 250_000), mimeType: 'image/gif' })
    await expect(page.getByText(/^[1-9]\d%$/)).toBeVisible()
    await server.kill()
    await expect(page.getByRole('alert')).toContainText('The server could not be reached.')
    await server.start()
    await limitUpload(page, -1)
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  } finally {
    await server.remove()
  }
})

test('a busy server gets the photo again automatically', async ({ page }) => {
  test.setTimeout(90_000)
  const server = await TestServer.started({ DOGBREED_MAX_PENDING: '1' })
  try {
    await page.goto(server.url)
    await expect(page.getByText(/^Answered by/)).toBeVisible()
    const occupation = keepBusy(server.url)
    await occupation.hasBegun
    await expect(async () => {
      // Between two large photos the server is free for a moment, and may answer this one at once.
      await choose(page, { name: 'dog.jpg', buffer: drawnJpeg() })
      await expect(page.getByText(/^The server is busy/)).toBeVisible({ timeout: 2_000 })
    }).toPass({ timeout: 40_000 })
    await occupation.end()
    await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  } finally {
    await server.remove()
  }
})

/** Keeps the server busy with photos that take long, two at a time so that there is always one. */
function keepBusy(url: string) {
  const png = new Blob([new Uint8Array(largePng(8000))], { type: 'image/png' })
  let goesOn = true
  let begun = () => {}
  const hasBegun = new Promise<void>((resolve) => (begun = resolve))
  const other = async () => {
    while (goesOn) {
      const form = new FormData()
      form.append('image', png, 'large.png')
      const { status } = await fetch(`${url}/predictImage`, { method: 'POST', body: form })
      if (status === 503) begun() // the server is processing the other photo
    }
  }
  const others = Promise.all([other(), other()])
  return {
    hasBegun,
    end: async () => {
      goesOn = false
      await others
    },
  }
}

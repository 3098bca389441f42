import { readFileSync } from 'node:fs'
import { expect, test, type Page } from '@playwright/test'
import { drawnJpeg } from './photos'

// Measures the time from choosing a 12-megapixel JPEG to its answer: `DOG_PHOTO=large.jpg npm run benchmark`.
// It alternates between three ways:
//   original  sent unchanged (with a media type that the page never scales)
//   scaled    scaled down first, then sent
//   page      as the page does it: the original at once, and a smaller copy if the upload is slow
const photo = process.env.DOG_PHOTO ? readFileSync(process.env.DOG_PHOTO) : drawnJpeg(4000, 3000)
const ROUNDS = 7
const CONNECTIONS = { loopback: -1, '50 Mbit/s': 50e6 / 8, '10 Mbit/s': 10e6 / 8, '2 Mbit/s': 2e6 / 8 }

function median(values: number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN
}

/** Milliseconds until the answer is shown. */
async function timeOnPage(page: Page, mimeType: string): Promise<number> {
  const name = `${crypto.randomUUID()}.jpg`
  await page.getByLabel('Photo of a dog').setInputFiles({ name, mimeType, buffer: photo })
  const shown = page.getByRole('img', { name: `Your photo: ${name}` })
  await shown.waitFor()
  return page.evaluate(async () => {
    const start = Number(document.documentElement.dataset.chosen)
    while (document.querySelector('[aria-busy=true]') || !document.querySelector('h2')) {
      await new Promise(requestAnimationFrame)
    }
    return performance.now() - start
  })
}

/** Milliseconds to make a smaller copy as the page does, to send it and to get the answer. */
async function timeScaledFirst(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const file = (window as unknown as { chosen: File }).chosen
    const start = performance.now()
    const whole = await createImageBitmap(file, { colorSpaceConversion: 'none' })
    const scale = 512 / Math.min(whole.width, whole.height)
    const size = { resizeWidth: Math.round(whole.width * scale), resizeHeight: Math.round(whole.height * scale) }
    const small = await createImageBitmap(whole, { ...size, resizeQuality: 'high' })
    const canvas = new OffscreenCanvas(small.width, small.height)
    canvas.getContext('2d')?.drawImage(small, 0, 0)
    const form = new FormData()
    form.append('image', await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 }), 'small.jpg')
    await (await fetch('/predictImage', { method: 'POST', body: form })).json()
    return performance.now() - start
  })
}

for (const [connection, uploadThroughput] of Object.entries(CONNECTIONS)) {
  test(`12 megapixels, ${connection}`, async ({ page }) => {
    test.setTimeout(900_000)
    await page.addInitScript(() => {
      document.addEventListener(
        'change',
        ({ target }) => {
          const [file] = (target as HTMLInputElement).files ?? []
          if (!file) return
          Object.assign(window, { chosen: new File([file], file.name, { type: 'image/jpeg' }) })
          document.documentElement.dataset.chosen = String(performance.now())
        },
        true,
      )
    })
    await page.goto('/')
    await expect(page.getByText(/^Answered by/)).toBeVisible()
    const network = await page.context().newCDPSession(page)
    await network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput,
    })

    const times: Record<'original' | 'scaled' | 'page', number[]> = { original: [], scaled: [], page: [] }
    for (let round = 0; round < ROUNDS; round += 1) {
      times.original.push(await timeOnPage(page, 'image/gif'))
      times.page.push(await timeOnPage(page, 'image/jpeg'))
      times.scaled.push(await timeScaledFirst(page))
    }
    const {
      original,
      scaled,
      page: ours,
    } = { original: median(times.original), scaled: median(times.scaled), page: median(times.page) }
    console.log(
      `${(photo.length / 1e6).toFixed(1)} MB, ${connection}: original ${original.toFixed(0)} ms; scaled first ` +
        `${scaled.toFixed(0)} ms, ratio ${(scaled / original).toFixed(2)}; the page ${ours.toFixed(0)} ms, ratio ${(ours / original).toFixed(2)}`,
    )
  })
}

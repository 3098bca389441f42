import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@playwright/test'
import { choose, deliver, predict } from './actions'
import { expectAnswer } from './assertions'
import { drawnJpeg, padded, sidewaysJpeg } from './photos'

const repository = fileURLToPath(new URL('../..', import.meta.url))

/** Encodes a HEIC file with the server's library, because browsers cannot. */
function asHeic(jpeg: Buffer): Buffer {
  const program =
    'import io, sys, pillow_heif; from PIL import Image; pillow_heif.register_heif_opener(); out = io.BytesIO(); ' +
    'Image.open(io.BytesIO(sys.stdin.buffer.read())).save(out, "HEIF"); sys.stdout.buffer.write(out.getvalue())'
  return execFileSync('.venv/bin/python', ['-c', program], { cwd: repository, input: jpeg, maxBuffer: 1e8 })
}

test.beforeEach(async ({ page }) => {
  await page.goto('/')
  await expect(page.getByText(/^Answered by/)).toBeVisible()
})

test('several photos are answered, and each can be shown', async ({ page, request }) => {
  const [wide, tall] = [drawnJpeg(400, 200), drawnJpeg(200, 400)]
  await choose(
    page,
    { name: 'wide.jpg', buffer: wide },
    { name: 'text.jpg', buffer: Buffer.from('This is text.') },
    { name: 'tall.jpg', buffer: tall },
  )
  const queue = page.getByRole('list', { name: 'Your photos' })
  await expect(queue.locator('[data-step=answered]')).toHaveCount(2)
  await expect(queue.getByText('No answer this time')).toHaveCount(1)
  await expectAnswer(page, await predict(request, wide))
  await queue.getByRole('button', { name: /tall\.jpg/ }).click()
  await expectAnswer(page, await predict(request, tall))
  await queue.getByRole('button', { name: /text\.jpg/ }).click()
  await expect(page.getByRole('alert')).toContainText('not a JPEG')
})

test('a HEIC photo gets an answer, and is shown although this browser cannot decode it', async ({ page }) => {
  const heic = asHeic(drawnJpeg(900, 600))
  await choose(page, { name: 'IMG_1.HEIC', buffer: heic, mimeType: '' })
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  const photo = page.getByRole('img', { name: 'Your photo: IMG_1.HEIC' })
  await expect(photo).toBeVisible()
  await expect
    .poll(() => photo.evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight]))
    .toEqual([900, 600])
})

test('a photo with EXIF orientation is shown upright', async ({ page, request }) => {
  const jpeg = sidewaysJpeg(480, 300)
  await deliver(page, 'drop', jpeg)
  const photo = page.getByRole('img', { name: 'Your photo: dog.jpg' })
  await expect
    .poll(() => photo.evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight]))
    .toEqual([300, 480])
  await expectAnswer(page, await predict(request, jpeg))
})

test('a photo above the size limit of the server is scaled down first', async ({ page }) => {
  const sent: number[] = []
  page.on('request', (request) => {
    const isPhoto = request.method() === 'POST' && request.url().includes('/predictImage')
    if (isPhoto) sent.push(request.postDataBuffer()?.length ?? 0)
  })
  await choose(page, { name: 'huge.jpg', buffer: padded(drawnJpeg(1200, 900), 25 * 2 ** 20) })
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  await expect(page.getByRole('img', { name: 'Your photo: huge.jpg' })).toBeVisible()
  expect(sent).toHaveLength(1)
})

test('the camera button opens the rear camera', async ({ page }) => {
  await expect(page.getByLabel('Camera')).toHaveAttribute('capture', 'environment')
  await expect(page.getByRole('button', { name: 'Take a photo' })).toBeHidden() // not a phone: it has a mouse
})

test('a drop on another page opens the photo page', async ({ page, request }) => {
  await page.getByRole('link', { name: 'About the model' }).click()
  await expect(page.getByRole('heading', { name: 'About the model' })).toBeVisible()
  const jpeg = drawnJpeg()
  await deliver(page, 'drop', jpeg)
  await expectAnswer(page, await predict(request, jpeg))
  expect(new URL(page.url()).pathname).toBe('/')
})

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { choose } from './actions'
import { expectNoViolations } from './assertions'
import { drawnJpeg } from './photos'
import { TestServer } from './server'

const LICENCE = 'CC BY-SA 4.0,https://creativecommons.org/licenses/by-sa/4.0/'

/** Fills the operator's folder with two photos of a breed, as `manage.py collect` would. */
function fill(folder: string, breed: string) {
  mkdirSync(join(folder, breed))
  const rows = [drawnJpeg(900, 600), drawnJpeg(400, 800)].map((jpeg, index) => {
    writeFileSync(join(folder, breed, `${index}.jpg`), jpeg)
    return `${breed}/${index}.jpg,${breed},${LICENCE},Photographer ${index},https://example.org/${index}\n`
  })
  writeFileSync(join(folder, 'manifest.csv'), `path,breed,licence,licence_url,author,page\n${rows.join('')}`)
}

test('photos of the breed stand beside the answer, with their authors and licences', async ({ page, request }) => {
  const folder = mkdtempSync(join(tmpdir(), 'dogbreed-gallery-'))
  const server = await TestServer.started({ DOGBREED_GALLERY: folder })
  try {
    const multipart = { image: { name: 'dog.jpg', mimeType: 'image/jpeg', buffer: drawnJpeg() } }
    const answer = await (await request.post(`${server.url}/predictImage`, { multipart })).json()
    fill(folder, answer.breed)
    // The model is less sure of a drawing.
    const verdict = { ...answer.verdict, kind: 'breed', level: 'breed' }
    await page.route('**/predictImage', (route) =>
      route.request().method() === 'POST' ? route.fulfill({ json: { ...answer, verdict } }) : route.continue(),
    )
    await page.goto(server.url)
    await choose(page, { name: 'dog.jpg', buffer: drawnJpeg() })

    const photos = page.getByRole('region', { name: 'Dogs of this breed' })
    await expect(photos.getByRole('link', { name: 'Photographer 1' })).toHaveAttribute('href', 'https://example.org/1')
    await expect(photos.getByRole('link', { name: 'CC BY-SA 4.0' })).toHaveCount(2)
    const image = photos.getByRole('img').last()
    await image.scrollIntoViewIfNeeded()
    await expect.poll(() => image.evaluate((shown: HTMLImageElement) => shown.naturalHeight)).toBe(480)
    await expectNoViolations(page)
  } finally {
    await server.remove()
    rmSync(folder, { recursive: true })
  }
})

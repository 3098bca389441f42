import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test, type Page } from '@playwright/test'
import { drawnJpeg } from './photos'

// Pictures for people to look at: `DOG_PHOTO=some/dog.jpg npm run screenshots`, then open frontend/screenshots/.
const folder = fileURLToPath(new URL('../../frontend/screenshots/', import.meta.url))
const photo = process.env.DOG_PHOTO ? readFileSync(process.env.DOG_PHOTO) : drawnJpeg()

async function choose(page: Page, buffer: Buffer, name = 'my dog.jpg') {
  await page.getByLabel('Photo of a dog').setInputFiles({ name, mimeType: 'image/jpeg', buffer })
}

for (const width of [390, 1280]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`${width} px, ${colorScheme}`, async ({ browser, baseURL }) => {
      const context = await browser.newContext({
        baseURL,
        colorScheme,
        reducedMotion: 'reduce',
        viewport: { width, height: width === 390 ? 844 : 800 },
        hasTouch: width === 390,
      })
      const page = await context.newPage()
      const shoot = (name: string, fullPage = true) =>
        page.screenshot({ path: `${folder}${width}-${colorScheme}-${name}.png`, fullPage })

      await page.goto('/')
      await expect(page.getByText(/Answered by|not available/)).toBeVisible()
      await shoot('1-before')

      await page.evaluate(() => {
        const dataTransfer = new DataTransfer()
        dataTransfer.items.add(new File(['x'], 'dog.jpg', { type: 'image/jpeg' }))
        document.body.dispatchEvent(new DragEvent('dragenter', { dataTransfer, bubbles: true }))
      })
      await page.waitForTimeout(200)
      await shoot('2-dragging', false)
      await page.reload()

      const network = await context.newCDPSession(page)
      const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 60_000 }
      await network.send('Network.emulateNetworkConditions', slow)
      await choose(page, Buffer.concat([photo, Buffer.alloc(300_000)]))
      await expect(page.getByText('Sending your photo', { exact: true })).toBeVisible()
      await page.waitForTimeout(2500)
      await shoot('3-sending')

      await network.send('Network.emulateNetworkConditions', { ...slow, uploadThroughput: -1, latency: 2000 })
      await choose(page, photo)
      await expect(page.getByText('Looking…').first()).toBeVisible()
      await shoot('4-looking')
      await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
      await shoot('5-answer')

      await page.getByRole('button', { name: /Show all/ }).click()
      await shoot('6-all-breeds', false)
      await page.getByLabel('Search breeds').fill('terrier')
      await shoot('7-search', false)

      await network.send('Network.emulateNetworkConditions', { ...slow, uploadThroughput: -1 })
      await choose(page, Buffer.from('no photo at all'), 'notes.jpg')
      await expect(page.getByRole('alert')).toBeVisible()
      await shoot('8-error')
      await page.getByLabel('Photo of a dog').setInputFiles({
        name: 'holiday.pdf',
        mimeType: 'application/pdf',
        buffer: Buffer.from('%PDF'),
      })
      await expect(page.getByText('This file cannot be used')).toBeVisible()
      await shoot('9-refused')
      await context.close()
    })
  }
}

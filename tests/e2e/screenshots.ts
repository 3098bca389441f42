import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test, type CDPSession, type Page } from '@playwright/test'
import { drawnJpeg } from './photos'

// Screenshots of every state of the page: `DOG_PHOTO=some/dog.jpg npm run screenshots`, then open frontend/screenshots/.
const folder = fileURLToPath(new URL('../../frontend/screenshots/', import.meta.url))
const photo = process.env.DOG_PHOTO ? readFileSync(process.env.DOG_PHOTO) : drawnJpeg()
const SLOW = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 60_000 }

const jpeg = (name: string, buffer: Buffer) => ({ name, mimeType: 'image/jpeg', buffer })

async function choose(page: Page, ...files: { name: string; mimeType: string; buffer: Buffer }[]) {
  await page.getByLabel('Photo of a dog').setInputFiles(files)
}

type Shoot = (name: string, fullPage?: boolean) => Promise<unknown>

async function shootPhotoPage(page: Page, network: CDPSession, shoot: Shoot) {
  await page.goto('/')
  await expect(page.getByText(/Answered by|not available/)).toBeVisible()
  await shoot('01-before')

  await page.evaluate(() => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['x'], 'dog.jpg', { type: 'image/jpeg' }))
    document.body.dispatchEvent(new DragEvent('dragenter', { dataTransfer, bubbles: true }))
  })
  await page.waitForTimeout(200)
  await shoot('02-dragging', false)
  await page.reload()

  await network.send('Network.emulateNetworkConditions', SLOW)
  await choose(page, jpeg('my dog.jpg', Buffer.concat([photo, Buffer.alloc(300_000)])))
  await expect(page.getByText('Sending your photo', { exact: true })).toBeVisible()
  await page.waitForTimeout(2500)
  await shoot('03-sending')

  await network.send('Network.emulateNetworkConditions', { ...SLOW, uploadThroughput: -1, latency: 2000 })
  await choose(page, jpeg('my dog.jpg', photo))
  await expect(page.getByText('Identifying the breed…').first()).toBeVisible()
  await shoot('04-looking')
  await network.send('Network.emulateNetworkConditions', { ...SLOW, uploadThroughput: -1 })
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  await shoot('05-answer')
}

async function shootAnswer(page: Page, shoot: Shoot) {
  await page.getByRole('button', { name: /Show all/ }).click()
  await shoot('06-all-breeds', false)
  await page.getByLabel('Search breeds').fill('terrier')
  await shoot('07-search', false)
  await page.getByRole('button', { name: 'Show fewer breeds' }).click()

  await page.getByText('Compare two breeds').click()
  await expect(page.getByText('If it is one of these two')).toBeVisible()
  await page.getByText('For developers').click()
  await shoot('08-more')

  await page.getByRole('button', { name: 'No', exact: true }).click()
  await page.getByRole('combobox', { name: 'What is it really?' }).click()
  await page.getByRole('combobox', { name: 'What is it really?' }).fill('terr')
  await page.waitForTimeout(300)
  await shoot('09-feedback-list', false)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'No', exact: true }).click()
  await page.getByRole('button', { name: 'Yes', exact: true }).click()
  await expect(page.getByText(/^Thank you/)).toBeVisible()
  await shoot('10-thanks')
}

async function shootProblems(page: Page, shoot: Shoot) {
  await choose(page, jpeg('notes.jpg', Buffer.from('no photo at all')))
  await expect(page.getByRole('alert')).toBeVisible()
  await shoot('11-error')
  await choose(page, { name: 'holiday.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF') })
  await expect(page.getByText('This file cannot be used')).toBeVisible()
  await shoot('12-refused')
  await page.context().setOffline(true)
  await choose(page, jpeg('my dog.jpg', photo))
  await expect(page.getByRole('alert')).toContainText('You are offline')
  await shoot('13-offline')
  await page.context().setOffline(false)
  const broken = jpeg('broken.jpg', photo.subarray(0, photo.length / 2))
  await choose(
    page,
    jpeg('rex.jpg', photo),
    broken,
    jpeg('a drawing.jpg', drawnJpeg()),
    jpeg('tall.jpg', drawnJpeg(200, 500)),
  )
  await expect(page.getByRole('list', { name: 'Your photos' }).locator('[data-step=answered]')).toHaveCount(3)
  await shoot('14-several')
}

async function shootOneDogAndCrop(page: Page, shoot: Shoot) {
  await page.getByRole('radio', { name: 'All of one dog' }).check()
  await expect(page.getByRole('region', { name: 'What each photo adds' })).toBeVisible()
  await shoot('22-one-dog')
  await page.getByRole('button', { name: 'Show the answer to rex.jpg' }).click()
  await page.getByRole('button', { name: /^Crop/ }).click()
  await expect(page.getByRole('button', { name: 'Use this part' })).toBeVisible()
  await shoot('23-crop', false)
}

async function shootOtherPages(page: Page, shoot: Shoot) {
  await page.getByRole('link', { name: 'History' }).click()
  await expect(page.getByRole('img').first()).toBeVisible()
  await shoot('15-history')
  await page.getByRole('button', { name: 'Clear the history' }).click()
  await shoot('16-clear')
  await page.getByRole('button', { name: 'Keep it' }).click()
  await page
    .getByRole('button', { name: /^Remove/ })
    .first()
    .click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page.getByText('The photo is back.')).toBeVisible()
  await shoot('16-undo', false)
  await page
    .getByRole('link', { name: /^Open the answer/ })
    .last()
    .click()
  await expect(page.getByText(/^Given on .* at /)).toBeVisible()
  await shoot('17-stored')
  await page.goto('/answers/00000000-0000-4000-8000-000000000000')
  await expect(page.getByRole('alert')).toBeVisible()
  await shoot('18-missing')
  await page.goto('/model')
  await page.getByText('Model card').click()
  await expect(page.getByRole('heading', { name: 'Limits' })).toBeVisible()
  await shoot('19-model')
  await page.getByText(/^All .* by group$/).click()
  await shoot('20-all-breeds')
  await page.getByLabel('Language').selectOption('Deutsch')
  await expect(page.getByRole('heading', { name: 'Über das Modell' })).toBeVisible()
  await shoot('21-model-german')
  await page.getByRole('link', { name: 'Foto', exact: true }).click()
  await shoot('22-before-german')
  await page.getByLabel('Sprache').selectOption('Français')
  await expect(page.getByRole('heading', { name: /^Quelle est la race/ })).toBeVisible()
  await shoot('23-before-french')
}

for (const [width, height] of [
  [390, 844],
  [768, 1024],
  [1280, 800],
] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`${width} px, ${colorScheme}`, async ({ browser, baseURL }) => {
      test.setTimeout(180_000)
      const isPhone = width < 1000
      const context = await browser.newContext({
        baseURL,
        colorScheme,
        reducedMotion: 'reduce',
        viewport: { width, height },
        hasTouch: isPhone,
        isMobile: isPhone,
      })
      const page = await context.newPage()
      const shoot: Shoot = async (name, fullPage = true) => {
        if (fullPage) await page.evaluate(() => window.scrollTo(0, 0)) // the photo column moves with the page
        await page.screenshot({ path: `${folder}${width}-${colorScheme}-${name}.png`, fullPage })
      }
      await shootPhotoPage(page, await context.newCDPSession(page), shoot)
      await shootAnswer(page, shoot)
      await shootProblems(page, shoot)
      await shootOneDogAndCrop(page, shoot)
      await shootOtherPages(page, shoot)
      await context.close()
    })
  }
}

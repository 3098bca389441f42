import { expect, test, type Page } from '@playwright/test'
import { choose, predict } from './actions'
import { expectAnswer } from './assertions'
import { drawnJpeg, sidewaysJpeg } from './photos'
import { TestServer } from './server'

async function showPhoto(page: Page, url = '/') {
  await page.goto(url)
  await expect(page.getByText(/^Answered by/)).toBeVisible()
  await choose(page, { name: 'dog.jpg', buffer: drawnJpeg() })
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
}

test.describe('with the clipboard', () => {
  test.use({ permissions: ['clipboard-read', 'clipboard-write'] })

  test('the copied answer has a link that opens it', async ({ page, browser, request, baseURL }) => {
    await showPhoto(page)
    const expected = await predict(request, drawnJpeg())
    await page.getByRole('button', { name: 'Copy the answer' }).click()
    await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible()
    const [text, link] = (await page.evaluate(() => navigator.clipboard.readText())).split('\n')
    expect(text).toContain(await page.getByRole('heading', { level: 2 }).textContent())
    expect(link).toMatch(/\/answers\/[0-9a-f-]{36}$/)

    const friend = await browser.newContext({ baseURL })
    const friendsPage = await friend.newPage()
    await friendsPage.goto(link ?? '')
    await expectAnswer(friendsPage, expected)
    await expect(friendsPage.getByText('A link to an answer does not include the photo.')).toBeVisible()
    await friend.close()
  })
})

test.describe('on a phone with a share sheet', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

  test('the answer is shared with its link and an upright photo without EXIF data', async ({ page }) => {
    // Chromium has no share sheet on Linux.
    await page.addInitScript(() => {
      navigator.canShare = () => true
      navigator.share = async ({ text, url, files } = {}) => {
        const file = files?.[0] ?? new File([], '')
        const { width, height } = await createImageBitmap(file, { imageOrientation: 'none' })
        const hasExif = (await file.text()).includes('Exif')
        document.title = JSON.stringify({ text, url, name: file.name, width, height, hasExif })
      }
    })
    await page.goto('/')
    await choose(page, { name: 'dog.png', buffer: sidewaysJpeg(480, 360) })
    await page.getByRole('button', { name: 'Share' }).tap()
    await expect(page).toHaveTitle(/"dog\.jpg","width":360,"height":480,"hasExif":false/)
    await expect(page).toHaveTitle(/"url":"http[^"]*\/answers\/[0-9a-f-]{36}"/)
    await expect(page.getByRole('button', { name: 'Copy the link' })).toBeHidden()
  })
})

test('developers get the JSON and the curl command', async ({ page, baseURL }) => {
  await showPhoto(page)
  await page.getByText('For developers').click()
  await expect(page.getByRole('region', { name: 'The same request with curl' })).toHaveText(
    `curl -F image=@dog.jpg ${baseURL}/predictImage`,
  )
  const text = await page.getByRole('region', { name: 'The answer as JSON' }).textContent()
  const json = JSON.parse(text ?? '') as { name: string }
  const rows = page.getByRole('list', { name: 'Breeds by probability' }).getByRole('listitem')
  await expect(rows.first()).toContainText(json.name)
})

test('two breeds can be compared', async ({ page }) => {
  await showPhoto(page)
  await page.getByText('Compare two breeds').click()
  const other = page.getByRole('combobox', { name: 'Second breed' })
  await other.fill('pug')
  await page.getByRole('option', { name: 'Pug', exact: true }).click()
  await expect(page.getByRole('link', { name: 'Photos of Pug' })).toHaveAttribute(
    'href',
    /commons\.wikimedia\.org.*Pug/,
  )
})

test('feedback is counted on the page about the model', async ({ page }) => {
  test.setTimeout(90_000)
  const server = await TestServer.started({ DOGBREED_KEEP_PHOTOS: 'yes' })
  try {
    await showPhoto(page, server.url)
    await page.getByRole('button', { name: 'No', exact: true }).click()
    const field = page.getByRole('combobox', { name: 'What is it really?' })
    await field.fill('no such breed')
    await expect(page.getByRole('listbox').getByRole('option')).toHaveText(['Another breed, or a mix', 'Not a dog'])
    await field.fill('westie')
    await page.getByRole('option', { name: 'West Highland White Terrier' }).click()
    await page.getByRole('button', { name: 'Send' }).click()
    await expect(page.getByText(/^Thank you/)).toBeVisible()
    await page.getByRole('button', { name: /^Store my photo/ }).click()
    await expect(page.getByText('Your photo was stored. Thank you.')).toBeVisible()

    await page.getByRole('link', { name: 'About the model' }).click()
    await expect(page.getByText(/people agreed 0% of the time \(n = 1\)/)).toBeVisible()
    await page.getByRole('link', { name: 'Photo', exact: true }).click()
    await page.getByRole('button', { name: 'Change' }).click()
    await page.getByRole('button', { name: 'Yes', exact: true }).click()
    await page.getByRole('link', { name: 'About the model' }).click()
    await expect(page.getByText(/people agreed 100% of the time \(n = 1\)/)).toBeVisible()
  } finally {
    await server.remove()
  }
})

test('on paper an answer has its photo, probabilities and date, and nothing to click', async ({ page }) => {
  await showPhoto(page)
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  await expect(page.getByRole('img', { name: 'Your photo: dog.jpg' })).toBeVisible()
  await expect(page.getByRole('list', { name: 'Breeds by probability' })).toBeVisible()
  await expect(page.getByText(/^Given on/)).toBeVisible()
  await expect(page.getByRole('button')).toHaveCount(0)
  await expect(page.getByRole('banner')).toBeHidden()
  await expect(page.locator('body')).toHaveCSS('background-color', 'rgb(255, 255, 255)')
  const pdf = (await page.pdf({ format: 'A4' })).toString('latin1')
  expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(1)
})

test('the history survives a reload, shows its photos, and can be cleared and restored', async ({ page }) => {
  await showPhoto(page)
  await page.getByRole('link', { name: 'History' }).click()
  const photo = page.getByRole('img', { name: 'Photo dog.jpg' })
  await expect(photo).toBeVisible()
  await page.reload()
  await expect(photo).toBeVisible()
  expect(await photo.evaluate((img: HTMLImageElement) => img.naturalHeight)).toBe(320)
  await page.getByRole('button', { name: 'Clear the history' }).click()
  await page.getByRole('button', { name: 'Clear the photo?' }).click()
  await expect(page.getByText(/^Nothing yet/)).toBeVisible()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(photo).toBeVisible()
  await page.reload()
  await expect(photo).toBeVisible()
  await page.getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText(/^Nothing yet/)).toBeVisible()
  await page.reload()
  await expect(page.getByText(/^Nothing yet/)).toBeVisible()
})

test('whoever sent a photo can delete the answer, and nobody else can', async ({ page, browser, baseURL }) => {
  await showPhoto(page)
  await page.getByRole('link', { name: 'History' }).click()
  await page.getByRole('link', { name: /^Open the answer/ }).click()
  await expect(page.getByRole('button', { name: 'Delete this answer' })).toBeVisible()

  const friend = await browser.newContext({ baseURL })
  const friendsPage = await friend.newPage()
  await friendsPage.goto(page.url())
  await expect(friendsPage.getByRole('button', { name: 'Copy the link' })).toBeVisible()
  await expect(friendsPage.getByRole('button', { name: 'Delete this answer' })).toBeHidden()

  await page.getByRole('button', { name: 'Delete this answer' }).click()
  await page.getByRole('button', { name: 'Delete all of it?' }).click()
  await expect(page.getByText('The answer was deleted.')).toBeVisible()
  await friendsPage.reload()
  await expect(friendsPage.getByText('This answer does not exist or has been deleted.')).toBeVisible()
  await friend.close()
})

test.describe('in a German browser', () => {
  test.use({ locale: 'de-CH' })

  test('the page opens in German, and in the chosen language later', async ({ page }) => {
    await page.goto('/')
    await expect(page.getByRole('heading', { name: 'Welche Rasse hat dieser Hund?' })).toBeVisible()
    await expect(page.locator('html')).toHaveAttribute('lang', 'de')
    await page.getByLabel('Sprache').selectOption('English')
    await expect(page.getByRole('heading', { name: 'Which breed is this dog?' })).toBeVisible()
    await page.reload()
    await expect(page.getByRole('heading', { name: 'Which breed is this dog?' })).toBeVisible()
  })
})

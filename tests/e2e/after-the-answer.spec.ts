import { expect, test, type Page } from '@playwright/test'
import { drawnJpeg } from './photos'
import { OwnServer } from './server'
import { ask, choose, expectAnswer } from './visitor'

async function showPhoto(page: Page, url = '/') {
  await page.goto(url)
  await expect(page.getByText(/^Answered by/)).toBeVisible()
  await choose(page, { name: 'dog.jpg', buffer: drawnJpeg() })
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
}

test.describe('with the clipboard', () => {
  test.use({ permissions: ['clipboard-read', 'clipboard-write'] })

  test('the answer is copied with a link, which leads back to it', async ({ page, browser, request, baseURL }) => {
    await showPhoto(page)
    const expected = await ask(request, drawnJpeg())
    await page.getByRole('button', { name: 'Copy the answer' }).click()
    await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible()
    const [text, link] = (await page.evaluate(() => navigator.clipboard.readText())).split('\n')
    expect(text).toContain(await page.getByRole('heading', { level: 2 }).textContent())
    expect(link).toMatch(/\/answers\/[0-9a-f-]{36}$/)

    const friend = await browser.newContext({ baseURL })
    const friendsPage = await friend.newPage()
    await friendsPage.goto(link ?? '')
    await expectAnswer(friendsPage, expected)
    await expect(friendsPage.getByText('The photo itself was not kept.')).toBeVisible()
    await friend.close()
  })
})

test('developers get the JSON, and the command that gives it', async ({ page, baseURL }) => {
  await showPhoto(page)
  await page.getByText('For developers').click()
  await expect(page.getByRole('region', { name: 'The command that gives it' })).toHaveText(
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
  const other = page.getByRole('combobox', { name: 'The other breed' })
  await other.fill('pug')
  await page.getByRole('option', { name: 'Pug', exact: true }).click()
  await expect(page.getByRole('link', { name: 'Photos of Pug' })).toHaveAttribute(
    'href',
    /commons\.wikimedia\.org.*Pug/,
  )
})

test('what people say of answers is counted where the model is described', async ({ page }) => {
  test.setTimeout(90_000)
  const server = await OwnServer.started({ DOGBREED_KEEP_PHOTOS: 'yes' })
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
    await page.getByRole('button', { name: /^Keep my photo/ }).click()
    await expect(page.getByText('Your photo is kept too. Thank you.')).toBeVisible()

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

test('the history outlives the visit, shows its photos, and can be cleared', async ({ page }) => {
  await showPhoto(page)
  await page.getByRole('link', { name: 'History' }).click()
  const photo = page.getByRole('img', { name: 'Photo dog.jpg' })
  await expect(photo).toBeVisible()
  await page.reload()
  await expect(photo).toBeVisible()
  expect(await photo.evaluate((img: HTMLImageElement) => img.naturalHeight)).toBe(320)
  await page.getByRole('button', { name: 'Clear the history' }).click()
  await page.getByRole('button', { name: /^Clear all/ }).click()
  await expect(page.getByText(/^Nothing yet/)).toBeVisible()
  await page.reload()
  await expect(page.getByText(/^Nothing yet/)).toBeVisible()
})

test.describe('in a German browser', () => {
  test.use({ locale: 'de-CH' })

  test('the page speaks German at once, and another language when asked', async ({ page }) => {
    await page.goto('/')
    await expect(page.getByRole('heading', { name: 'Welche Rasse hat dieser Hund?' })).toBeVisible()
    await expect(page.locator('html')).toHaveAttribute('lang', 'de')
    await page.getByLabel('Sprache').selectOption('English')
    await expect(page.getByRole('heading', { name: 'Which breed is this dog?' })).toBeVisible()
    await page.reload()
    await expect(page.getByRole('heading', { name: 'Which breed is this dog?' })).toBeVisible()
  })
})

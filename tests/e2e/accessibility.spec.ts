import { expect, test, type Page } from '@playwright/test'
import { choose } from './actions'
import { expectNoViolations } from './assertions'
import { drawnJpeg } from './photos'

async function checkAnswers(page: Page) {
  await page.goto('/')
  await expect(page.getByText(/^Answered by/)).toBeVisible()
  await expectNoViolations(page)
  await choose(
    page,
    { name: 'dog.jpg', buffer: drawnJpeg() },
    { name: 'broken.jpg', buffer: drawnJpeg().subarray(0, 2000) },
  )
  await expect(page.getByRole('heading', { level: 2 })).toBeVisible()
  await page.getByRole('button', { name: /Show all/ }).click()
  await page.getByText('Compare two breeds').click()
  await expect(page.getByText('If it is one of these two')).toBeVisible()
  await page.getByText('For developers').click()
  await page.getByRole('button', { name: 'No', exact: true }).click()
  await expect(page.getByRole('combobox', { name: 'What is it really?' })).toBeVisible()
  await expectNoViolations(page)
  await page.getByRole('button', { name: /broken\.jpg/ }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await expectNoViolations(page)
}

async function checkOtherPages(page: Page) {
  await page.getByRole('link', { name: 'History' }).click()
  await expect(page.getByRole('link', { name: /^Open the answer/ }).first()).toBeVisible()
  await expectNoViolations(page)
  await page.getByRole('button', { name: /^Remove/ }).click()
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible()
  await expectNoViolations(page)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page
    .getByRole('link', { name: /^Open the answer/ })
    .first()
    .click()
  await expect(page.getByText(/^Given on/)).toBeVisible()
  await expectNoViolations(page)
  await page.getByRole('link', { name: 'About the model' }).click()
  await page.getByText(/^All .* by group$/).click()
  await page.getByText('Model card').click()
  await expect(page.getByRole('heading', { name: 'Limits' })).toBeVisible()
  await expectNoViolations(page)
}

for (const [colorScheme, width] of [
  ['light', 390],
  ['dark', 1280],
] as const) {
  test.describe(`in ${colorScheme} mode, ${width} px wide`, () => {
    // Without motion: during a transition, colours may have too little contrast.
    test.use({ colorScheme, viewport: { width, height: 844 }, contextOptions: { reducedMotion: 'reduce' } })

    test('axe finds no violation on any page', async ({ page }) => {
      test.setTimeout(120_000)
      await checkAnswers(page)
      const paper = colorScheme === 'light' ? 'rgb(243, 245, 241)' : 'rgb(15, 21, 18)'
      await expect(page.locator('body')).toHaveCSS('background-color', paper)
      await checkOtherPages(page)
    })
  })
}

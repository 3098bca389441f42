import { expect, test } from '@playwright/test'
import { choose } from './actions'
import { expectNoViolations } from './assertions'
import { drawnJpeg } from './photos'

test('two photos of one dog get one answer, and a photo added to it counts too', async ({ page }) => {
  const files = [
    { name: '1.jpg', buffer: drawnJpeg() },
    { name: '2.jpg', buffer: drawnJpeg(300, 420) },
  ]
  await page.goto('/')
  await choose(page, ...files)
  await page.getByRole('radio', { name: 'All of one dog' }).check()
  const shares = page.getByRole('region', { name: 'What each photo adds' })
  await expect(shares.getByRole('listitem')).toHaveCount(2)
  await expect(shares.getByText('Photo 2:')).toBeVisible()
  await expectNoViolations(page)

  await shares.getByRole('button', { name: 'Show the answer to 2.jpg' }).click()
  await expect(page.getByRole('img', { name: 'Your photo: 2.jpg' })).toBeVisible()
  await page.getByRole('button', { name: 'Show the answer to all 2 photos' }).click()

  await page.getByLabel('More photos of this dog').setInputFiles({
    name: '3.jpg',
    mimeType: 'image/jpeg',
    buffer: drawnJpeg(360, 360),
  })
  await expect(shares.getByRole('listitem')).toHaveCount(3)
})

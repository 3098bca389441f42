import { expect, test } from '@playwright/test'
import { choose } from './actions'
import { expectNoViolations } from './assertions'
import { drawnJpeg } from './photos'

test('two photos of one dog get one answer, and a photo added to it counts too', async ({ page, request }) => {
  const files = [
    { name: '1.jpg', buffer: drawnJpeg() },
    { name: '2.jpg', buffer: drawnJpeg(300, 420) },
  ]
  const form = new FormData()
  for (const { name, buffer } of files) form.append('image', new File([new Uint8Array(buffer)], name))
  const response = await request.post('/api/predictions?same_dog=true', { multipart: form })
  test.skip(!response.ok() || !('dog' in (await response.json())), 'This API does not combine photos of one dog.')

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

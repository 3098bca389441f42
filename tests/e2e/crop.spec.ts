import { expect, test } from '@playwright/test'
import { choose, predict } from './actions'
import { expectAnswer, expectNoViolations } from './assertions'
import { sidewaysJpeg } from './photos'

test('a part of a photo is chosen by pointer and keyboard, and answered upright as a photo of its own', async ({
  page,
  request,
}) => {
  await page.goto('/')
  await choose(page, { name: 'dog.jpg', buffer: sidewaysJpeg(600, 400) }) // upright: 400 x 600
  await page.getByRole('button', { name: 'Crop', exact: true }).click()
  const frame = page.getByRole('application', { name: 'Frame around the part to use' })
  await expect(frame).toBeFocused()
  await expectNoViolations(page)

  // The frame has 80 % of the photo at first. Its lower right corner moves by a quarter of that.
  const before = await frame.boundingBox()
  if (!before) throw new Error('The frame is not visible.')
  expect(before.width / before.height).toBeCloseTo(400 / 600, 1)
  const [right, bottom] = [before.x + before.width, before.y + before.height]
  await page.mouse.move(right, bottom)
  await page.mouse.down()
  await page.mouse.move(right - before.width / 4, bottom - before.height / 4, { steps: 4 })
  await page.mouse.up()
  await expect(page.getByText('10% from the left, 10% from the top, 60% wide, 60% high')).toBeAttached()
  for (let press = 0; press < 5; press += 1) await page.keyboard.press('ArrowRight')
  await expect(page.getByText('20% from the left, 10% from the top, 60% wide, 60% high')).toBeAttached()

  const sent = page.waitForRequest((request) => request.method() === 'POST')
  await page.getByRole('button', { name: 'Use this part' }).click()
  const body = (await sent).postDataBuffer() ?? Buffer.alloc(0)
  const jpeg = body.subarray(
    body.indexOf(Buffer.from('ffd8ff', 'hex')),
    body.lastIndexOf(Buffer.from('ffd9', 'hex')) + 2,
  )
  await expect(page.getByRole('img', { name: 'Your photo: dog-crop.jpg' })).toBeVisible()
  await expect(page.getByRole('list', { name: 'Your photos' }).getByRole('listitem')).toHaveCount(2)
  await expectAnswer(page, await predict(request, jpeg))
  const size = await page
    .getByRole('img', { name: 'Your photo: dog-crop.jpg' })
    .evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight])
  expect(size).toEqual([240, 360])
})

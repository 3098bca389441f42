import { expect, test } from '@playwright/test'
import { choose, type Prediction } from './actions'
import { expectAnswer, expectNoViolations } from './assertions'
import { sidewaysJpeg } from './photos'

test('a part of a photo is chosen by pointer and keyboard, and answered upright as a photo of its own', async ({
  page,
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

  const answered = page.waitForResponse((response) => response.request().method() === 'POST')
  await page.getByRole('button', { name: 'Use this part' }).click()
  const part = page.getByRole('img', { name: 'Your photo: dog-crop.jpg' })
  await expect(part).toBeVisible()
  await expect(page.getByRole('list', { name: 'Your photos' }).getByRole('listitem')).toHaveCount(2)
  await expectAnswer(page, (await (await answered).json()) as Prediction)
  const { size, reds } = await part.evaluate((image: HTMLImageElement) => {
    const context = document.createElement('canvas').getContext('2d')
    context?.drawImage(image, -60, -240) // a point left of the middle of the whole photo comes into the corner
    const redAt = (x: number, y: number) => context?.getImageData(x, y, 1, 1).data[0] ?? 0
    return { size: [image.naturalWidth, image.naturalHeight], reds: [redAt(0, 0), redAt(0, 118)] }
  })
  expect(size).toEqual([240, 360])
  expect(reds[0]).toBeGreaterThan(200) // the face
  expect(reds[1]).toBeLessThan(100) // below it the meadow
})

test('on a phone the frame is in view, wherever the page was scrolled to', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 700 })
  await page.goto('/')
  await choose(page, { name: 'dog.jpg', buffer: sidewaysJpeg(600, 400) })
  const crop = page.getByRole('button', { name: 'Crop', exact: true })
  await crop.evaluate((button) => button.scrollIntoView({ block: 'start' }))
  await crop.click()
  await expect(page.getByRole('application', { name: 'Frame around the part to use' })).toBeInViewport({ ratio: 1 })
})

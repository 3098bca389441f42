import { screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { predictionOf, sendJson } from '../../testing/fakeApi'
import { photo, setUpPage } from '../../testing/openPage'

const page = setUpPage()

function breedFor(body: string): string {
  return body.includes('beagle bytes') ? 'Beagle' : 'Kuvasz'
}

test('several photos are answered, two at a time, and a click shows another photo', async () => {
  page.server.answer = (response, body) =>
    setTimeout(() => sendJson(response, 200, predictionOf({ id: crypto.randomUUID(), name: breedFor(body) })), 30)
  const { user, choose } = page.open()
  await choose(
    photo('1.jpg', 'kuvasz'),
    photo('2.jpg', 'beagle bytes'),
    photo('3.jpg', 'kuvasz'),
    photo('4.jpg', 'kuvasz'),
  )
  const queue = screen.getByRole('list', { name: 'Your photos' })
  await waitFor(() => expect(within(queue).getAllByText(/, 93%$/)).toHaveLength(4))
  expect(page.server.uploads).toHaveLength(4)
  expect(page.server.maxConcurrent).toBe(2)
  expect(await screen.findByRole('heading', { name: 'Kuvasz' })).toBeVisible()
  await user.click(within(queue).getByRole('button', { name: /2\.jpg/ }))
  expect(screen.getByRole('heading', { name: 'Beagle' })).toBeVisible()
  expect(screen.getByRole('img', { name: 'Your photo: 2.jpg' })).toBeVisible()
})

test('a bad file among good ones is rejected, and the others are answered', async () => {
  const { choose } = page.open()
  await choose(photo('good.jpg'), photo('cv.pdf', 'x', 'application/pdf'))
  expect(await screen.findByRole('alert')).toHaveTextContent('“cv.pdf” is application/pdf.')
  expect(await screen.findByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
})

test('photos above the limit are left out, with a message', async () => {
  const { choose } = page.open()
  await choose(...Array.from({ length: 51 }, (_, index) => photo(`${index}.jpg`)))
  expect(await screen.findByRole('alert')).toHaveTextContent('You chose 51 photos. Only the first 50 are used.')
  await waitFor(() => expect(page.server.uploads).toHaveLength(50), { timeout: 30_000 })
})

test('a busy server gets the photo again after the time that it asked for', async () => {
  let asked = 0
  page.server.answer = (response) => {
    asked += 1
    if (asked > 1) return sendJson(response, 200, predictionOf())
    sendJson(response, 503, { code: 'busy', detail: 'Try again soon.' }, { 'Retry-After': '1' })
  }
  const { choose } = page.open()
  await choose(photo())
  expect(await screen.findByText('The server is busy. Trying again in a moment…')).toBeVisible()
  expect(await screen.findByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
  expect(asked).toBe(2)
})

import { screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { Advice } from '../../api/types'
import { predictionOf, sendJson, verdictOf } from '../../testing/fakeApi'
import { photo, setUpPage } from '../../testing/openPage'

const page = setUpPage()

const UNCERTAIN = { verdict: verdictOf({ kind: 'uncertain', level: 'uncertain' }) }

async function answerWith(changes: Parameters<typeof predictionOf>[0], advice: Advice | null = null) {
  page.server.answer = (response) => sendJson(response, 200, predictionOf(changes))
  page.server.postAnswers['/api/advice'] = (response) => sendJson(response, 200, { advice })
  const opened = page.open()
  await opened.choose(photo())
  await screen.findByRole('heading', { level: 2 })
  return opened
}

test.each<[Advice['code'], string, boolean]>([
  ['closer', 'Come closer or crop to the dog.', true],
  ['brighter', 'Take it in more light.', false],
  ['steady', 'Hold the camera still.', false],
  ['one_dog', 'One dog at a time.', true],
])('the advice “%s” is one sentence', async (code, sentence, canCrop) => {
  await answerWith(UNCERTAIN, { code, frame: null })
  expect(await screen.findByText(sentence)).toBeVisible()
  expect(screen.queryAllByRole('button', { name: 'Crop the photo' })).toHaveLength(canCrop ? 1 : 0)
})

test('the crop frame starts with the suggested part, and the keyboard moves and resizes it', async () => {
  const { user } = await answerWith(UNCERTAIN, { code: 'closer', frame: [0.2, 0.3, 0.7, 0.8] })
  await user.click(await screen.findByRole('button', { name: 'Crop the photo' }))
  const frame = await screen.findByRole('application', { name: 'Frame around the part to use' })
  expect(frame).toHaveFocus()
  const position = () => screen.getByText(/from the left/).textContent
  expect(position()).toBe('20% from the left, 30% from the top, 50% wide, 50% high')
  await user.keyboard('{ArrowRight}{ArrowUp}')
  expect(position()).toBe('22% from the left, 28% from the top, 50% wide, 50% high')
  await user.keyboard('{Shift>}{ArrowDown}{/Shift}')
  expect(position()).toBe('22% from the left, 28% from the top, 50% wide, 52% high')
  await user.keyboard('{Escape}')
  expect(frame).not.toBeInTheDocument()
  expect(screen.getByRole('region', { name: 'Answer' })).toHaveFocus()
})

test('a photo that the browser cannot crop shows an error, and the answer stays', async () => {
  const { user } = await answerWith({})
  await user.click(screen.getByRole('button', { name: 'Crop' }))
  await user.click(await screen.findByRole('button', { name: 'Use this part' })) // jsdom decodes no photos
  expect(await screen.findByRole('alert')).toHaveTextContent('This browser cannot crop this photo.')
  await user.click(screen.getByRole('button', { name: 'Cancel' }))
  await waitFor(() => expect(screen.queryByRole('alert')).not.toBeInTheDocument())
  expect(screen.getByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
})

test('a photo that the browser cannot decode has no crop', async () => {
  await answerWith({ ...UNCERTAIN, preview: 'data:image/jpeg;base64,AA==' }, { code: 'closer', frame: null })
  expect(await screen.findByText('Come closer or crop to the dog.')).toBeVisible()
  expect(screen.queryByRole('button', { name: /^Crop/ })).not.toBeInTheDocument()
})

test('the answer does not wait for the advice', async () => {
  let giveAdvice = () => {}
  const { choose } = page.open()
  page.server.answer = (response) => sendJson(response, 200, predictionOf(UNCERTAIN))
  page.server.postAnswers['/api/advice'] = (response) => {
    giveAdvice = () => sendJson(response, 200, { advice: { code: 'steady', frame: null } })
  }
  await choose(photo('rex.jpg', 'bytes of the photo'))
  await screen.findByRole('heading', { level: 2 })
  await waitFor(() => expect(page.server.posts['/api/advice']?.[0]).toContain('bytes of the photo'))
  expect(screen.queryByText('Hold the camera still.')).not.toBeInTheDocument()
  giveAdvice()
  expect(await screen.findByText('Hold the camera still.')).toBeVisible()
})

test('a certain answer asks for no advice', async () => {
  await answerWith({ verdict: verdictOf({ kind: 'breed' }) })
  expect(page.server.posts['/api/advice']).toBeUndefined()
})

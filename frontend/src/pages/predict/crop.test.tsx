import { screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { Advice } from '../../api/types'
import { predictionOf, sendJson } from '../../testing/fakeApi'
import { photo, setUpPage } from '../../testing/openPage'

const page = setUpPage()

async function answerWith(changes: Parameters<typeof predictionOf>[0]) {
  page.server.answer = (response) => sendJson(response, 200, predictionOf(changes))
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
  await answerWith({ advice: { code, frame: null } })
  expect(screen.getByText(sentence)).toBeVisible()
  expect(screen.queryAllByRole('button', { name: 'Crop the photo' })).toHaveLength(canCrop ? 1 : 0)
})

test('the crop frame starts with the suggested part, and the keyboard moves and resizes it', async () => {
  const { user } = await answerWith({ advice: { code: 'closer', frame: [0.2, 0.3, 0.7, 0.8] } })
  await user.click(screen.getByRole('button', { name: 'Crop the photo' }))
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
  await answerWith({ preview: 'data:image/jpeg;base64,AA==', advice: { code: 'closer', frame: null } })
  expect(screen.getByText('Come closer or crop to the dog.')).toBeVisible()
  expect(screen.queryByRole('button', { name: /^Crop/ })).not.toBeInTheDocument()
})

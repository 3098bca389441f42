import { screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { predictionOf, sendJson, UPLOAD_RULES } from '../../testing/fakeApi'
import { photo, setUpPage } from '../../testing/openPage'

const page = setUpPage()
const { id } = predictionOf()
const FEEDBACK = `/api/predictions/${id}/feedback`
const PHOTO = `/api/predictions/${id}/photo`

async function openAnswer() {
  const opened = page.open()
  await opened.choose(photo('rex.jpg', 'the bytes of rex'))
  await screen.findByRole('heading', { name: 'Golden Retriever' })
  return opened
}

test('one click confirms the answer', async () => {
  const { user } = await openAnswer()
  await user.click(screen.getByRole('button', { name: 'Yes' }))
  expect(await screen.findByText(/^Thank you/)).toBeVisible()
  expect(page.server.posts[FEEDBACK]).toEqual(['{"right":true}'])
  expect(page.server.secrets[`POST ${FEEDBACK}`]).toBe(predictionOf().secret)
  expect(screen.getByRole('region', { name: 'Was it right?' })).toHaveFocus()
})

test('feedback that could not be sent shows the reason, and can be sent again', async () => {
  page.server.postAnswers[FEEDBACK] = (response) =>
    sendJson(response, 503, { code: 'history_unavailable', detail: 'The database cannot be reached.' })
  const { user } = await openAnswer()
  await user.click(screen.getByRole('button', { name: 'Yes' }))
  expect(await screen.findByRole('alert')).toHaveTextContent('The database cannot be reached.')
  delete page.server.postAnswers[FEEDBACK]
  await user.click(screen.getByRole('button', { name: 'Yes' }))
  expect(await screen.findByText(/^Thank you/)).toBeVisible()
})

test('the photo is not stored without consent', async () => {
  const { user } = await openAnswer()
  await user.click(screen.getByRole('button', { name: 'Yes' }))
  await screen.findByText(/^Thank you/)
  expect(page.server.posts[PHOTO]).toBeUndefined()
  expect(screen.getByRole('button', { name: 'Store my photo to help improve the model' })).toBeVisible()
})

test('a server that stores no photos does not ask for them', async () => {
  page.server.gets['/predictImage'] = { ...UPLOAD_RULES, keeps_photos: false }
  const { user } = await openAnswer()
  await user.click(screen.getByRole('button', { name: 'Yes' }))
  await screen.findByText(/^Thank you/)
  expect(screen.queryByRole('button', { name: /Store my photo/ })).not.toBeInTheDocument()
})

test('an answer that was not stored cannot receive feedback, and says so', async () => {
  page.server.answer = (response) => sendJson(response, 200, predictionOf({ stored: false }))
  await openAnswer()
  expect(screen.getByText(/^This answer could not be stored/)).toBeVisible()
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Yes' })).not.toBeInTheDocument())
})

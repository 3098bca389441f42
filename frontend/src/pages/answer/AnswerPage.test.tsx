import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { saveEntry } from '../../features/history/store'
import { predictionOf, sendJson } from '../../testing/fakeApi'
import { photo, setUpPage } from '../../testing/openPage'

const page = setUpPage()
const { id, stored: _, secret, ...answer } = predictionOf()
const PATH = `/api/predictions/${id}`

const stored = {
  ...answer,
  id,
  created: '2026-01-02T03:04:05Z',
  width: 4,
  height: 3,
  feedback: { breed: 'beagle', right: false, created: '2026-01-02T03:05:05Z' },
  photo_kept: false,
}

test('a link opens an earlier answer and its feedback', async () => {
  page.server.gets[PATH] = stored
  page.open(`/answers/${id}`)
  expect(await screen.findByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
  expect(screen.getByText(/January 2, 2026.*by tiny 1\.0\./)).toBeVisible()
  expect(screen.getByText('A link to an answer does not include the photo.')).toBeVisible()
  expect(screen.getByText('Feedback: Beagle.')).toBeVisible()
})

test.each([
  { of: 'the current model', version: '1.0', notes: 1 },
  { of: 'an earlier model', version: '0.9', notes: 0 },
])('the coverage of a shortlist is shown for $of: $notes', async ({ version, notes }) => {
  const shortlist = answer.probabilities.slice(0, 2)
  page.server.gets[PATH] = { ...stored, shortlist, model: { name: 'tiny', version, digest: null } }
  page.open(`/answers/${id}`)
  expect(await screen.findByRole('region', { name: 'Very likely one of these' })).toBeVisible()
  await screen.findByText(/which knows/)
  expect(screen.queryAllByText(/95.?% of photos that were not used for training/)).toHaveLength(notes)
})

async function openOwnAnswer() {
  page.server.gets[PATH] = stored
  await saveEntry('rex.jpg', { prediction: predictionOf(), sent: photo() })
  const opened = page.open(`/answers/${id}`)
  await screen.findByRole('heading', { name: 'Golden Retriever' })
  return opened
}

test('whoever sent the photo can change the feedback and delete the answer everywhere', async () => {
  const { user } = await openOwnAnswer()
  await user.click(await screen.findByRole('button', { name: 'Yes' }))
  expect(await screen.findByText(/^Thank you/)).toBeVisible()
  expect(page.server.secrets[`POST ${PATH}/feedback`]).toBe(secret)

  await user.click(screen.getByRole('button', { name: 'Delete this answer' }))
  await user.click(screen.getByRole('button', { name: 'Keep it' }))
  expect(page.server.secrets[`DELETE ${PATH}`]).toBeUndefined()
  await user.click(screen.getByRole('button', { name: 'Delete this answer' }))
  expect(screen.getByText(/This cannot be undone\.$/)).toBeVisible()
  await user.click(screen.getByRole('button', { name: 'Delete all of it?' }))
  expect(await screen.findByText('The answer was deleted.')).toBeVisible()
  expect(page.server.secrets[`DELETE ${PATH}`]).toBe(secret)
  await user.click(screen.getByRole('link', { name: 'History' }))
  expect(await screen.findByText('Nothing yet. Your photos will appear here.')).toBeVisible()
})

test('an answer that could not be deleted stays, with the reason', async () => {
  page.server.deletion = (response) =>
    sendJson(response, 503, { code: 'history_unavailable', detail: 'The database cannot be reached.' })
  const { user } = await openOwnAnswer()
  await user.click(await screen.findByRole('button', { name: 'Delete this answer' }))
  await user.click(screen.getByRole('button', { name: 'Delete all of it?' }))
  expect(await screen.findByRole('alert')).toHaveTextContent('The database cannot be reached.')
  expect(screen.getByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
})

test('others can neither change the feedback nor delete the answer', async () => {
  page.server.gets[PATH] = stored
  page.open(`/answers/${id}`)
  expect(await screen.findByText('Feedback: Beagle.')).toBeVisible()
  expect(screen.queryByRole('button', { name: 'Yes' })).not.toBeInTheDocument()
  expect(screen.queryByRole('button', { name: 'Delete this answer' })).not.toBeInTheDocument()
})

test('others can give the first feedback, once', async () => {
  page.server.gets[PATH] = { ...stored, feedback: null }
  const { user } = page.open(`/answers/${id}`)
  await user.click(await screen.findByRole('button', { name: 'Yes' }))
  expect(await screen.findByText(/^Thank you/)).toBeVisible()
  expect(screen.queryByRole('button', { name: 'Change' })).not.toBeInTheDocument()
})

test('a missing answer shows an error', async () => {
  page.open(`/answers/${id}`)
  expect(await screen.findByRole('alert')).toHaveTextContent('This answer does not exist or has been deleted.')
})

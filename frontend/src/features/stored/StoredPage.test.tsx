import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { usePageWithServer } from '../../testing/page'
import { predictionOf } from '../../testing/server'

const page = usePageWithServer()
const { id, stored: _, ...answer } = predictionOf()
const PATH = `/api/predictions/${id}`

const stored = {
  ...answer,
  id,
  created: '2026-01-02T03:04:05Z',
  width: 4,
  height: 3,
  sha256: '0',
  feedback: { breed: 'beagle', right: false, created: '2026-01-02T03:05:05Z' },
  photo_kept: false,
}

test('a link leads to an answer given before, and to what was said of it', async () => {
  page.server.gets[PATH] = stored
  page.open(`/answers/${id}`)
  expect(await screen.findByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
  expect(screen.getByText(/January 2, 2026.*by tiny 1\.0\./)).toBeVisible()
  expect(screen.getByText('The photo itself was not kept.')).toBeVisible()
  expect(screen.getByText('Somebody said: Beagle.')).toBeVisible()
})

test.each([
  { of: 'the model that is served', version: '1.0', notes: 1 },
  { of: 'a model that has been replaced', version: '0.9', notes: 0 },
])('what a shortlist promises is known of $of: $notes', async ({ version, notes }) => {
  const shortlist = answer.probabilities.slice(0, 2)
  page.server.gets[PATH] = { ...stored, shortlist, model: { name: 'tiny', version } }
  page.open(`/answers/${id}`)
  expect(await screen.findByRole('region', { name: 'Very likely one of these' })).toBeVisible()
  await screen.findByText(/which knows/)
  expect(screen.queryAllByText(/95.?% of test photos/)).toHaveLength(notes)
})

test('an answer that is not there is said to be missing', async () => {
  page.open(`/answers/${id}`)
  expect(await screen.findByRole('alert')).toHaveTextContent('This answer is not there, or no longer.')
})

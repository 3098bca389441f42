import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { predictionOf } from '../../testing/fakeApi'
import { setUpPage } from '../../testing/openPage'

const page = setUpPage()
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
  page.server.gets[PATH] = { ...stored, shortlist, model: { name: 'tiny', version } }
  page.open(`/answers/${id}`)
  expect(await screen.findByRole('region', { name: 'Very likely one of these' })).toBeVisible()
  await screen.findByText(/which knows/)
  expect(screen.queryAllByText(/95.?% of photos that were not used for training/)).toHaveLength(notes)
})

test('a missing answer shows an error', async () => {
  page.open(`/answers/${id}`)
  expect(await screen.findByRole('alert')).toHaveTextContent('This answer does not exist or has been deleted.')
})

import { screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { photo, usePageWithServer } from '../../testing/page'
import { BREEDS, predictionOf, sendJson } from '../../testing/server'
import type { Verdict } from './types'

const page = usePageWithServer()
const [golden, labrador] = predictionOf().probabilities.slice(0, 2) as [Verdict['breeds'][0], Verdict['breeds'][0]]

async function answerWith(changes: Parameters<typeof predictionOf>[0]) {
  page.server.answer = (response) => sendJson(response, 200, predictionOf(changes))
  const opened = page.open()
  await opened.choose(photo())
  await screen.findByRole('list', { name: 'Breeds by probability' })
  return opened
}

function verdict(changes: Partial<Verdict>): Verdict {
  return {
    level: 'breed',
    text: '',
    probability: null,
    group: null,
    breeds: [],
    familiar: true,
    dog_score: null,
    familiarity_score: null,
    ...changes,
  }
}

test('a group is named where the breed is open', async () => {
  await answerWith({
    verdict: verdict({ level: 'group', group: 'sporting', probability: 0.97, breeds: [golden, labrador] }),
  })
  expect(screen.getByRole('heading', { name: 'A gun dog' })).toBeVisible()
  expect(screen.getByTestId('probability')).toHaveTextContent('97%')
  expect(screen.getByText('It resembles Golden Retriever or Labrador Retriever most.')).toBeVisible()
})

test('an unfamiliar dog is said to be hard to tell', async () => {
  await answerWith({ verdict: verdict({ level: 'uncertain', breeds: [golden], familiar: false }) })
  expect(screen.getByRole('heading', { name: 'Hard to tell' })).toBeVisible()
  expect(screen.getByText('It may be of a breed that this model does not know.')).toBeVisible()
  expect(screen.queryByTestId('probability')).not.toBeInTheDocument()
})

test('what is no dog gets no breed', async () => {
  await answerWith({ verdict: verdict({ level: 'not_a_dog' }), shortlist: [golden, labrador] })
  expect(screen.getByRole('heading', { name: 'This does not look like a dog' })).toBeVisible()
  expect(screen.getByText(/^If it is one after all, it resembles Golden Retriever most\./)).toBeVisible()
  expect(screen.queryByRole('region', { name: 'Very likely one of these' })).not.toBeInTheDocument()
})

test('the shortlist says how often the breed is on it', async () => {
  await answerWith({ shortlist: [golden, labrador] })
  const list = screen.getByRole('region', { name: 'Very likely one of these' })
  expect(
    within(list)
      .getAllByRole('listitem')
      .map((item) => item.textContent),
  ).toEqual(BREEDS.slice(0, 2))
  expect(within(list).getByText('In 95% of test photos the breed is on this list.')).toBeVisible()
})

test('two look-alikes come with how often they were told apart', async () => {
  await answerWith({
    look_alikes: { breeds: [golden, labrador], accuracy: 0.88, interval: [0.77, 0.95], photos: 46, told_apart: 41 },
  })
  expect(
    screen.getByText(
      'Golden Retriever and Labrador Retriever are easily confused: of 46 test photos of the two, 41 came out right (77% to 95% in the long run).',
    ),
  ).toBeVisible()
})

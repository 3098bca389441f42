import { screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { sendJson } from '../../testing/fakeApi'
import { setUpPage } from '../../testing/openPage'

const page = setUpPage()

test('the page shows the accuracy of the model, and on which photos', async () => {
  page.open('/model')
  const section = await screen.findByRole('region', { name: 'How often it is right' })
  expect(section).toHaveTextContent('first guess83.4% (81.0% – 85.5%)')
  expect(section).toHaveTextContent('Whole photos of other photographers. 1,050 photos of 21 breeds')
})

test('the page shows how often people agreed, by the probability that the model stated', async () => {
  page.server.gets['/api/stats'] = {
    predictions: 300,
    breeds: [],
    confidence: [
      { from: 0.7, to: 0.8, predictions: 50, judged: 0, right: 0 },
      { from: 0.8, to: 0.9, predictions: 250, judged: 212, right: 178 },
    ],
  }
  page.open('/model')
  const section = await screen.findByRole('region', { name: 'Feedback from visitors' })
  const rows = await within(section).findAllByRole('listitem')
  expect(rows.map((row) => row.textContent)).toEqual([
    'When the model said 80% to 90%, people agreed 84% of the time (n = 212).',
  ])
})

test('the search finds a breed that the model knows', async () => {
  const { user } = page.open('/model')
  await user.type(await screen.findByRole('searchbox', { name: 'Search for a breed' }), 'wire hair')
  const section = screen.getByRole('region', { name: 'The breeds it knows' })
  expect(
    within(section)
      .getAllByRole('listitem')
      .map((item) => item.textContent),
  ).toEqual(['Wire-haired Fox Terrier'])
  expect(within(section).getByText('1 of 7 breeds')).toBeVisible()
})

test('a breed that was taught is marked', async () => {
  page.server.breeds['Wire-haired Fox Terrier'] = { taught_from: 10 }
  const { user } = page.open('/model')
  await user.type(await screen.findByRole('searchbox', { name: 'Search for a breed' }), 'wire hair')
  const section = screen.getByRole('region', { name: 'The breeds it knows' })
  expect(within(section).getByRole('listitem')).toHaveTextContent('Wire-haired Fox Terrier taught from 10 photos')
})

test('all breeds are listed on request', async () => {
  const { user } = page.open('/model')
  const section = await screen.findByRole('region', { name: 'The breeds it knows' })
  expect(within(section).queryAllByRole('listitem')).toHaveLength(0)
  await user.click(within(section).getByText('All 7 breeds, by group'))
  expect(await within(section).findAllByRole('listitem')).toHaveLength(7)
})

test('the page says what studies found about looks and ancestry, with links to them', async () => {
  page.open('/model')
  const section = await screen.findByRole('region', { name: 'Mixed dogs' })
  expect(section).toHaveTextContent(
    'the breeds that people named from the looks of dogs often disagreed with DNA tests',
  )
  expect(
    within(section)
      .getAllByRole('link')
      .map((link) => link.getAttribute('href')),
  ).toEqual(['https://doi.org/10.1080/10888700902956151', 'https://doi.org/10.1016/j.tvjl.2015.07.019'])
})

test('the page shows how reliable answers should be, and links to the evaluation', async () => {
  page.open('/model')
  const section = await screen.findByRole('region', { name: 'How reliable it is' })
  expect(
    within(section).getByText(
      'When it says “almost certainly”, it should be right 95% of the time. It was right on 312 of 320 photos that were not used for training.',
    ),
  ).toBeVisible()
  expect(within(section).getByText(/^When it names two or three breeds.* 95% of the time\.$/)).toBeVisible()
  expect(within(section).getByText(/^95% of dogs should be recognized as dogs/)).toBeVisible()
  expect(screen.getByRole('link', { name: /^Full evaluation/ })).toHaveAttribute('href', '/api/model/report')
})

test('the model card is shown on request', async () => {
  const { user } = page.open('/model')
  await user.click(await screen.findByText('Model card'))
  expect(await screen.findByRole('heading', { name: 'Limits' })).toBeVisible()
  expect(screen.getByText('It is made up.')).toBeVisible()
})

test('without a model the page and the footer show an error, and the links to the API stay', async () => {
  page.server.model = (response) => sendJson(response, 503, { code: 'model_unavailable', detail: 'No model.' })
  page.open('/model')
  expect(await screen.findByRole('alert')).toHaveTextContent('No model.')
  expect(
    within(screen.getByRole('contentinfo')).getByText('The model’s details are not available right now.'),
  ).toBeVisible()
  expect(screen.getByRole('link', { name: 'API documentation' })).toHaveAttribute('href', '/api/docs/')
  expect(screen.getByRole('link', { name: 'API' })).toHaveAttribute('href', '/api/')
})

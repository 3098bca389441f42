import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { usePageWithServer } from '../../testing/page'
import { sendJson } from '../../testing/server'

const page = usePageWithServer()

test('the footer says which model answers and how good it was found to be, on which photos', async () => {
  page.open()
  expect(await screen.findByText('tiny')).toBeVisible()
  expect(screen.getByRole('list', { name: 'Measured accuracy' })).toHaveTextContent(
    '83.4% right at the first guess (81.0% to 85.5%), 96.2% in the first five: ' +
      'independent photos, 1,050 of 21 breeds. Whole photos of other photographers.',
  )
})

test('without a model the footer says so and still leads to the API', async () => {
  page.server.model = (response) => sendJson(response, 503, { code: 'model_unavailable', detail: 'No model.' })
  page.open()
  expect(await screen.findByText('The model’s details are not available right now.')).toBeVisible()
  expect(screen.getByRole('link', { name: 'API documentation' })).toHaveAttribute('href', '/api/docs/')
  expect(screen.getByRole('link', { name: 'API' })).toHaveAttribute('href', '/api/')
})

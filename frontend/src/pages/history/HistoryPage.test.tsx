import { screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { predictionOf, sendJson } from '../../testing/fakeApi'
import { photo, setUpPage } from '../../testing/openPage'

const page = setUpPage()
let asked = 0

async function showTwoPhotos() {
  asked = 0
  page.server.answer = (response) => {
    asked += 1
    sendJson(response, 200, predictionOf({ id: `8f7ef8c4-0000-4000-8000-00000000000${asked}` }))
  }
  const opened = page.open()
  await opened.choose(photo('1.jpg'), photo('2.jpg'))
  await waitFor(() => expect(screen.getAllByText('Golden Retriever, 93%')).toHaveLength(2))
  await opened.user.click(screen.getByRole('link', { name: 'History' }))
  await waitFor(() =>
    expect(screen.getAllByRole('link', { name: 'Open the answer: Golden Retriever' })).toHaveLength(2),
  )
  return opened
}

test('answers in the history can be opened without the server, and removed one by one', async () => {
  const { user } = await showTwoPhotos()
  await user.click(screen.getAllByRole('button', { name: 'Remove Golden Retriever' })[0] as HTMLElement)
  const link = await screen.findByRole('link', { name: 'Open the answer: Golden Retriever' })
  await user.click(link)
  expect(await screen.findByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
})

test('the history is cleared after a confirmation', async () => {
  const { user } = await showTwoPhotos()
  await user.click(screen.getByRole('button', { name: 'Clear the history' }))
  await user.click(screen.getByRole('button', { name: 'Keep it' }))
  expect(screen.getAllByRole('link', { name: /^Open the answer/ })).toHaveLength(2)
  await user.click(screen.getByRole('button', { name: 'Clear the history' }))
  await user.click(screen.getByRole('button', { name: 'Clear all 2?' }))
  expect(await screen.findByText('Nothing yet. Your photos will appear here.')).toBeVisible()
})

test('the photo page keeps its photos while another page is shown', async () => {
  const { user } = await showTwoPhotos()
  await user.click(screen.getByRole('link', { name: 'Photo' }))
  expect(screen.getByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
  expect(page.server.uploads).toHaveLength(2)
})

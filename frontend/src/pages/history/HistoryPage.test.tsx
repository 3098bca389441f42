import { act, screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { predictionOf, sendJson, verdictOf } from '../../testing/fakeApi'
import { photo, setUpPage } from '../../testing/openPage'

const page = setUpPage()
let asked = 0
afterEach(() => vi.useRealTimers())

const UNCERTAIN = verdictOf({ kind: 'uncertain', level: 'uncertain' })

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
  await waitFor(() => expect(screen.getAllByRole('link', { name: /^Open the answer/ })).toHaveLength(2))
  return opened
}

test('answers in the history can be opened without the server, and removed one by one', async () => {
  const { user } = await showTwoPhotos()
  await user.click(screen.getAllByRole('button', { name: 'Remove: Golden Retriever' })[0] as HTMLElement)
  const link = await screen.findByRole('link', { name: /^Open the answer/ })
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

test('a card says how certain its answer was', async () => {
  const { user } = await showTwoPhotos()
  const [card] = screen.getAllByRole('link', { name: /^Open the answer/ })
  expect(card).toHaveTextContent(/Almost certainlyGolden Retriever93% probability/)
  page.server.answer = (response) =>
    sendJson(response, 200, predictionOf({ id: '8f7ef8c4-0000-4000-8000-000000000003', verdict: UNCERTAIN }))
  await user.click(screen.getByRole('link', { name: 'Photo' }))
  await user.upload(screen.getByLabelText('Photo of a dog'), photo('3.jpg'))
  await screen.findByRole('heading', { name: 'Hard to tell' })
  await user.click(screen.getByRole('link', { name: 'History' }))
  const uncertain = await screen.findByRole('link', { name: /Hard to tell: Golden Retriever\?/ })
  expect(uncertain).not.toHaveTextContent('%')
})

/** The area that screen readers announce and that takes the focus. */
function noticeWith(text: HTMLElement): HTMLElement {
  return text.closest('[role=status]') as HTMLElement
}

test('what was removed can be restored, all of it at once', async () => {
  const { user } = await showTwoPhotos()
  await user.click(screen.getAllByRole('button', { name: 'Remove: Golden Retriever' })[0] as HTMLElement)
  expect(await screen.findByText('One photo was removed from the history.')).toBeVisible()
  await user.click(screen.getByRole('button', { name: 'Clear the history' }))
  await user.click(screen.getByRole('button', { name: 'Clear the photo?' }))
  const notice = noticeWith(await screen.findByText('2 photos were removed from the history.'))
  expect(await screen.findByText('Nothing yet. Your photos will appear here.')).toBeVisible()
  await user.click(within(notice).getByRole('button', { name: 'Undo' }))
  await waitFor(() => expect(screen.getAllByRole('link', { name: /^Open the answer/ })).toHaveLength(2))
  expect(notice).toHaveTextContent('The 2 photos are back.')
})

test('the keyboard goes on at the notice, which stays as long as it has the focus', async () => {
  const { user } = await showTwoPhotos()
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const remove = screen.getAllByRole('button', { name: 'Remove: Golden Retriever' })[0] as HTMLElement
  remove.focus()
  await user.keyboard('{Enter}')
  expect(noticeWith(screen.getByText('One photo was removed from the history.'))).toHaveFocus()
  await user.tab()
  expect(screen.getByRole('button', { name: 'Undo' })).toHaveFocus()
  act(() => void vi.advanceTimersByTime(60_000))
  expect(screen.getByRole('button', { name: 'Undo' })).toBeVisible()
  await user.tab()
  act(() => void vi.advanceTimersByTime(60_000))
  expect(screen.queryByRole('button', { name: 'Undo' })).not.toBeInTheDocument()
  expect(screen.getAllByRole('link', { name: /^Open the answer/ })).toHaveLength(1)
})

test('the photo page keeps its photos while another page is shown', async () => {
  const { user } = await showTwoPhotos()
  await user.click(screen.getByRole('link', { name: 'Photo' }))
  expect(screen.getByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
  expect(page.server.uploads).toHaveLength(2)
})

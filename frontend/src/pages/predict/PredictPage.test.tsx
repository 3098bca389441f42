import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { predictionOf, sendJson, UPLOAD_RULES } from '../../testing/fakeApi'
import { photo, setUpPage } from '../../testing/openPage'

const page = setUpPage()

/** A file that reports a large size without using that much memory. */
function photoOf(name: string, size: number): File {
  return Object.defineProperty(photo(name), 'size', { value: size })
}

test('a chosen photo is shown at once, and then its breed', async () => {
  const { choose } = page.open()
  await choose(photo('rex.jpg', 'the bytes of rex'))
  expect(screen.getByRole('img', { name: 'Your photo: rex.jpg' })).toBeVisible()
  expect(await screen.findByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
  expect(screen.getByText('Almost certainly')).toBeVisible()
  expect(screen.getByTestId('probability')).toHaveTextContent('93%')
  expect(page.server.uploads).toHaveLength(1)
  expect(page.server.uploads[0]).toMatch(/name="image"; filename="rex\.jpg"[\s\S]*the bytes of rex/)
})

test('the answer is announced to screen readers', async () => {
  const { choose } = page.open()
  await choose(photo())
  await waitFor(() =>
    expect(screen.getAllByRole('status')[0]).toHaveTextContent('Almost certainly: Golden Retriever (93%).'),
  )
})

test('a photo can be dropped anywhere in the window', async () => {
  page.open()
  const file = photo()
  const items = [{ kind: 'file', type: file.type, getAsFile: () => file }]
  const dataTransfer = { files: [file], types: ['Files'], items }
  fireEvent.dragEnter(document.body, { dataTransfer })
  fireEvent.drop(screen.getByText('Drop your photos anywhere'), { dataTransfer })
  expect(await screen.findByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
})

test('a photo can be pasted', async () => {
  page.open()
  fireEvent.paste(document.body, { clipboardData: { files: [photo('pasted.png', 'photo', 'image/png')] } })
  expect(await screen.findByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
})

test('pasted text is ignored', async () => {
  const { user } = page.open()
  await user.paste('only words')
  expect(screen.queryByRole('alert')).not.toBeInTheDocument()
  expect(page.server.uploads).toHaveLength(0)
})

test('an error shows the reason that the API gives, and the photo can be sent again', async () => {
  page.server.answer = (response) =>
    sendJson(response, 503, { code: 'model_unavailable', detail: 'No model is loaded.' }, { 'Retry-After': '5' })
  const { user, choose } = page.open()
  await choose(photo())
  const alert = await screen.findByRole('alert')
  expect(alert).toHaveTextContent('No model is loaded.')
  expect(alert).toHaveTextContent('Wait 5 seconds first.')

  page.server.answer = (response) => sendJson(response, 200, predictionOf())
  await user.click(screen.getByRole('button', { name: 'Try again' }))
  expect(screen.getByRole('region', { name: 'Answer' })).toHaveFocus()
  expect(await screen.findByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
  expect(screen.queryByRole('alert')).not.toBeInTheDocument()
})

test('an error that is not JSON shows its status', async () => {
  page.server.answer = (response) =>
    response.writeHead(502, { 'Content-Type': 'text/html' }).end('<h1>Bad gateway</h1>')
  const { choose } = page.open()
  await choose(photo())
  expect(await screen.findByRole('alert')).toHaveTextContent('The server answered with status 502')
})

test('a lost connection shows an error', async () => {
  page.server.answer = (response) => response.destroy()
  const { choose } = page.open()
  await choose(photo())
  expect(await screen.findByRole('alert')).toHaveTextContent('The server could not be reached.')
})

test('a newer photo aborts the older request, and only the newer answer is shown', async () => {
  page.server.answer = (response, body) => {
    if (body.includes('newer')) sendJson(response, 200, predictionOf({ name: 'Beagle' }))
  }
  const { choose } = page.open()
  await choose(photo('older.jpg', 'older'))
  await waitFor(() => expect(page.server.uploads).toHaveLength(1))
  await choose(photo('newer.jpg', 'newer'))
  expect(await screen.findByRole('heading', { name: 'Beagle' })).toBeVisible()
  await waitFor(() => expect(page.server.aborted).toBe(1))
  expect(screen.queryByRole('alert')).not.toBeInTheDocument()
})

test.each([
  ['a document', photo('cv.pdf', 'x', 'application/pdf'), '“cv.pdf” is application/pdf.'],
  ['a file without a type', photo('mystery', 'x', ''), '“mystery” is a file of unknown type.'],
  ['an empty file', photo('empty.jpg', ''), '“empty.jpg” is empty.'],
  ['a huge photo', photoOf('huge.jpg', 201 * 1024 * 1024), '“huge.jpg” has 201.0 MB. The limit is 200 MB.'],
])('%s is rejected at once and is not sent', async (_name, file, reason) => {
  const { choose } = page.open()
  await choose(file)
  expect(await screen.findByRole('alert')).toHaveTextContent(reason)
  expect(page.server.uploads).toHaveLength(0)
})

test('the accepted formats are those that the server lists', async () => {
  page.server.gets['/predictImage'] = { ...UPLOAD_RULES, accepts: ['image/jpeg', 'image/webp'] }
  const { choose } = page.open()
  expect(await screen.findByText('JPEG or WebP.')).toBeVisible()
  expect(screen.getByLabelText('Photo of a dog')).toHaveAttribute('accept', 'image/jpeg,.jpeg,image/webp,.webp')
  await choose(photo('dog.png', 'photo', 'image/png'))
  expect(await screen.findByRole('alert')).toHaveTextContent(
    '“dog.png” is image/png. Please choose a JPEG or WebP photo.',
  )
  expect(page.server.uploads).toHaveLength(0)
})

test('after a rejected file, the answer before it stays', async () => {
  const { choose } = page.open()
  await choose(photo())
  await screen.findByRole('heading', { name: 'Golden Retriever' })
  await choose(photo('cv.pdf', 'x', 'application/pdf'))
  expect(await screen.findByRole('alert')).toBeVisible()
  expect(screen.getByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
})

test('a photo that the browser cannot show still gets an answer', async () => {
  const { choose } = page.open()
  await choose(photo('odd.jpg'))
  fireEvent.error(screen.getByRole('img', { name: 'Your photo: odd.jpg' }))
  expect(screen.getByText('This browser cannot show “odd.jpg”.')).toBeVisible()
  expect(await screen.findByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
})

test('the first five breeds are shown, and all of them after a click', async () => {
  const { user, choose } = page.open()
  await choose(photo())
  const list = await screen.findByRole('list', { name: 'Breeds by probability' })
  expect(within(list).getAllByRole('listitem')).toHaveLength(5)
  await user.click(screen.getByRole('button', { name: 'Show all 7 breeds' }))
  expect(within(list).getAllByRole('listitem')).toHaveLength(7)
  await user.click(screen.getByRole('button', { name: 'Show fewer breeds' }))
  expect(within(list).getAllByRole('listitem')).toHaveLength(5)
})

test('the search ignores hyphens and capitals', async () => {
  const { user, choose } = page.open()
  await choose(photo())
  await user.click(await screen.findByRole('button', { name: 'Show all 7 breeds' }))
  await user.type(screen.getByRole('searchbox', { name: 'Search breeds' }), 'wire haired')
  expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toContain('7Wire-haired Fox Terrier<0.1%')
  expect(screen.queryByText('Beagle')).not.toBeInTheDocument()
  await user.clear(screen.getByRole('searchbox'))
  await user.type(screen.getByRole('searchbox'), 'cat')
  expect(screen.getByText('No breed matches “cat”.')).toBeVisible()
})

test('every step can be reached with the keyboard', async () => {
  const { user, choose } = page.open()
  await user.tab()
  expect(screen.getByRole('link', { name: 'Skip to the content' })).toHaveFocus()
  for (let link = 0; link < 5; link += 1) await user.tab()
  expect(screen.getByRole('button', { name: 'Choose a photo' })).toHaveFocus()
  await choose(photo())
  await screen.findByRole('heading', { name: 'Golden Retriever' })
  screen.getByRole('button', { name: 'Copy the link' }).focus()
  await user.tab()
  expect(screen.getByRole('button', { name: 'Show all 7 breeds' })).toHaveFocus()
  await user.keyboard('{Enter}')
  await user.tab()
  expect(screen.getByRole('searchbox', { name: 'Search breeds' })).toHaveFocus()
})

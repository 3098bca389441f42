import { act, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Reply, Request } from '../../features/private/messages'
import { choosePrivate } from '../../features/private/privateMode'
import { predictionOf, sendJson } from '../../testing/fakeApi'
import { photo, setUpPage } from '../../testing/openPage'

const page = setUpPage()
const answered = predictionOf({ stored: false, secret: null, on_device: true })

/** How the worker replies. Tests may replace it. */
let respond: (request: Request, reply: (message: Reply) => void) => void
let requests: Request[] = []

class FakeWorker {
  onmessage: ((event: { data: Reply }) => void) | null = null
  onerror: (() => void) | null = null
  postMessage(request: Request) {
    requests.push(request)
    setTimeout(() => respond(request, (data) => act(() => this.onmessage?.({ data }))))
  }
  terminate() {
    this.onmessage = null
  }
}

beforeEach(() => {
  requests = []
  respond = ({ id, task }, reply) => reply({ id, done: task === 'answer' ? answered : null })
  vi.stubGlobal('Worker', FakeWorker)
})

afterEach(() => {
  act(() => choosePrivate(false))
  vi.unstubAllGlobals()
})

const privateSwitch = () => screen.getByRole('switch', { name: 'Private mode' })
const READY = 'Photos are answered on this device, also without a connection.'

test('the switch says what it does and how much it downloads, and nothing is loaded before it is chosen', async () => {
  page.open()
  expect(await screen.findByText('Photos stay on this device. Downloads 13 MB once.')).toBeVisible()
  expect(privateSwitch()).toHaveAccessibleDescription('Photos stay on this device. Downloads 13 MB once.')
  expect(requests).toEqual([])
})

test('in private mode a photo is answered on the device and is not sent', async () => {
  const { user, choose } = page.open()
  await user.click(privateSwitch())
  expect(await screen.findByText(READY)).toBeVisible()
  await choose(photo())
  expect(await screen.findByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
  expect(screen.getByText(/^This answer was given on this device/)).toBeVisible()
  expect(screen.queryByText('Was it right?')).not.toBeInTheDocument()
  expect(requests.map(({ task }) => task)).toEqual(['load', 'answer'])
  expect(page.server.uploads).toEqual([])
})

test('a photo waits while the download shows its progress', async () => {
  let finish = () => {}
  respond = ({ id, task }, reply) => {
    if (task === 'answer') return reply({ id, done: answered })
    reply({ id, loaded: 0.42 })
    finish = () => reply({ id, done: null })
  }
  const { user, choose } = page.open()
  await user.click(privateSwitch())
  expect(await screen.findByText('Downloading: 42%')).toBeVisible()
  expect(screen.getByRole('progressbar', { name: 'Download for private mode' })).toHaveAttribute('value', '0.42')
  await choose(photo())
  expect(screen.getByText('Waiting')).toBeVisible()
  finish()
  expect(await screen.findByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
  expect(page.server.uploads).toEqual([])
})

test('a failed download shows an error, sends nothing, and can be tried again', async () => {
  respond = ({ id }, reply) => reply({ id, failure: 'download' })
  const { user, choose } = page.open()
  await user.click(privateSwitch())
  expect(await screen.findByRole('alert')).toHaveTextContent('Private mode did not start')
  await choose(photo())
  expect(await screen.findByText('No answer this time')).toBeVisible()
  expect(screen.getByRole('alert')).toHaveTextContent('What private mode needs could not be downloaded.')
  respond = ({ id, task }, reply) => reply({ id, done: task === 'answer' ? answered : null })
  await user.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await screen.findByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
  expect(page.server.uploads).toEqual([])
})

test('a photo that the browser cannot open gets advice', async () => {
  respond = ({ id, task }, reply) => reply(task === 'load' ? { id, done: null } : { id, failure: 'photo' })
  const { user, choose } = page.open()
  await user.click(privateSwitch())
  await choose(photo('dog.heic', 'photo', 'image/heic'))
  expect(await screen.findByRole('alert')).toHaveTextContent('Save it as JPEG and choose it again.')
  expect(screen.queryByRole('button', { name: 'Try again' })).not.toBeInTheDocument()
  expect(page.server.uploads).toEqual([])
})

test('a browser without WebAssembly gets an error', async () => {
  vi.stubGlobal('WebAssembly', undefined)
  const { user } = page.open()
  await user.click(privateSwitch())
  expect(await screen.findByRole('alert')).toHaveTextContent('WebAssembly is missing')
})

test('private mode is remembered on the device', async () => {
  localStorage.setItem('dogbreed.private', 'yes')
  const { choose } = page.open()
  expect(privateSwitch()).toBeChecked()
  await choose(photo())
  expect(await screen.findByText(/^This answer was given on this device/)).toBeVisible()
  expect(page.server.uploads).toEqual([])
})

test('when it is turned off, the photo that waits is sent only on request', async () => {
  respond = () => undefined
  const { user, choose } = page.open()
  await user.click(privateSwitch())
  await choose(photo())
  await waitFor(() => expect(requests).toHaveLength(1))
  await user.click(privateSwitch())
  expect(await screen.findByRole('alert')).toHaveTextContent('Private mode was turned off')
  expect(page.server.uploads).toEqual([])
  await user.click(screen.getByRole('button', { name: 'Try again' }))
  await waitFor(() => expect(page.server.uploads).toHaveLength(1))
})

test('when the server is busy, the device can answer', async () => {
  page.server.answer = (response) => sendJson(response, 503, { code: 'busy', detail: 'Try again later.' })
  const { user, choose } = page.open()
  await choose(photo())
  await user.click(await screen.findByRole('button', { name: 'Answer on this device' }))
  expect(await screen.findByText(/^This answer was given on this device/)).toBeVisible()
  expect(privateSwitch()).toBeChecked()
})

test('without a connection, the device can answer if it has what it needs', async () => {
  page.server.answer = (response) => response.destroy()
  const { user, choose } = page.open()
  await choose(photo())
  expect(await screen.findByRole('alert')).toBeVisible()
  expect(screen.queryByRole('button', { name: 'Answer on this device' })).not.toBeInTheDocument()

  await user.click(privateSwitch())
  expect(await screen.findByText(READY)).toBeVisible()
  await user.click(privateSwitch())
  await choose(photo('other.jpg'))
  await user.click(await screen.findByRole('button', { name: 'Answer on this device' }))
  expect(await screen.findByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
})

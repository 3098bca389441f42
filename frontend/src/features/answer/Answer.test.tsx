import { screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Verdict } from '../../api/types'
import { BREEDS, predictionOf, sendJson, verdictOf } from '../../testing/fakeApi'
import { photo, setUpPage } from '../../testing/openPage'

const page = setUpPage()
const [golden, labrador] = predictionOf().probabilities.slice(0, 2) as [Verdict['breeds'][0], Verdict['breeds'][0]]

async function answerWith(changes: Parameters<typeof predictionOf>[0]) {
  page.server.answer = (response) => sendJson(response, 200, predictionOf(changes))
  const opened = page.open()
  await opened.choose(photo())
  await screen.findByRole('list', { name: 'Breeds by probability' })
  return opened
}

test('a group is named if the breed is uncertain', async () => {
  await answerWith({
    verdict: verdictOf({
      kind: 'group',
      level: 'group',
      group: 'sporting',
      probability: 0.97,
      breeds: [golden, labrador],
    }),
  })
  expect(screen.getByRole('heading', { name: 'A gun dog' })).toBeVisible()
  expect(screen.getByTestId('probability')).toHaveTextContent('97%')
  expect(screen.getByText('Most similar: Golden Retriever or Labrador Retriever.')).toBeVisible()
})

test('a probable breed comes with how often such answers were right', async () => {
  const measured = { right: 88, photos: 100 }
  await answerWith({ verdict: verdictOf({ kind: 'probably', level: 'uncertain', measured, breeds: [golden] }) })
  expect(screen.getByText('Probably')).toBeVisible()
  expect(screen.getByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
  expect(
    screen.getByText('Answers as sure as this were right for 88 of 100 photos that were not used for training.'),
  ).toBeVisible()
})

test('a breed that was taught says from how many photos', async () => {
  const taught = [{ breed: golden.breed, name: golden.name, photos: 10 }]
  await answerWith({ verdict: verdictOf({ kind: 'probably', level: 'uncertain', breeds: [golden], taught }) })
  expect(screen.getByText('Taught from 10 photos.')).toBeVisible()
})

test('of several breeds, the one that was taught is named', async () => {
  const taught = [{ breed: labrador.breed, name: labrador.name, photos: 10 }]
  await answerWith({ verdict: verdictOf({ kind: 'one_of', breeds: [golden, labrador], taught }) })
  expect(screen.getByText('Labrador Retriever: taught from 10 photos.')).toBeVisible()
})

test('two breeds are named together, and not again in a list', async () => {
  const breeds = [golden, labrador]
  await answerWith({
    verdict: verdictOf({ kind: 'one_of', level: 'uncertain', probability: 0.96, breeds }),
    shortlist: breeds,
  })
  expect(screen.getByRole('heading', { name: 'Golden Retriever or Labrador Retriever' })).toBeVisible()
  expect(screen.getByTestId('probability')).toHaveTextContent('96%')
  expect(screen.queryByRole('region', { name: 'Very likely one of these' })).not.toBeInTheDocument()
})

test('an answer from before there were six kinds is shown by its level', async () => {
  const { kind: _, ...older } = verdictOf({ level: 'not_a_dog' })
  await answerWith({ verdict: older as Verdict })
  expect(screen.getByRole('heading', { name: 'This does not look like a dog' })).toBeVisible()
})

test('an unfamiliar dog is hard to tell', async () => {
  await answerWith({ verdict: verdictOf({ kind: 'uncertain', level: 'uncertain', breeds: [golden], familiar: false }) })
  expect(screen.getByRole('heading', { name: 'Hard to tell' })).toBeVisible()
  expect(screen.getByText('It may be a breed that this model does not know.')).toBeVisible()
  expect(screen.queryByTestId('probability')).not.toBeInTheDocument()
})

test('a photo without a dog gets no breed', async () => {
  await answerWith({ verdict: verdictOf({ kind: 'not_a_dog', level: 'not_a_dog' }), shortlist: [golden, labrador] })
  expect(screen.getByRole('heading', { name: 'This does not look like a dog' })).toBeVisible()
  expect(screen.getByText(/^If it is a dog, it looks most like this breed: Golden Retriever\./)).toBeVisible()
  expect(screen.queryByRole('region', { name: 'Very likely one of these' })).not.toBeInTheDocument()
})

test('the shortlist shows how often it includes the right breed', async () => {
  await answerWith({ shortlist: [golden, labrador] })
  const list = screen.getByRole('region', { name: 'Very likely one of these' })
  expect(
    within(list)
      .getAllByRole('listitem')
      .map((item) => item.textContent),
  ).toEqual(BREEDS.slice(0, 2))
  expect(
    within(list).getByText('For 95% of photos that were not used for training, this list includes the right breed.'),
  ).toBeVisible()
})

test('two similar breeds come with how often the model told them apart', async () => {
  await answerWith({
    look_alikes: { breeds: [golden, labrador], accuracy: 0.88, interval: [0.77, 0.95], photos: 46, told_apart: 41 },
  })
  expect(
    screen.getByText(
      'Golden Retriever and Labrador Retriever are easily confused. The model was right on 41 of 46 photos of these two breeds that were not used for training (95% interval: 77% to 95%).',
    ),
  ).toBeVisible()
})

test('the JSON for developers, which people share, does not have the secret', async () => {
  const { user } = await answerWith({ secret: 'only for the sender' })
  await user.click(screen.getByText('For developers'))
  const json = await screen.findByRole('region', { name: 'The answer as JSON' })
  expect(json).toHaveTextContent('"breed": "golden_retriever"')
  expect(json).not.toHaveTextContent('secret')
})

function photosOf(name: string, ...authors: string[]) {
  const breed = name.toLowerCase().replace(' ', '_')
  const address = `/api/breeds/${breed}/photos`
  page.server.breeds[name] = { photos: address }
  page.server.gets[address] = {
    breed,
    name,
    photos: authors.map((author, index) => ({
      url: `${address}/${index}.jpg`,
      width: 480,
      height: 360,
      author,
      licence: 'CC BY-SA 4.0',
      licence_url: 'https://creativecommons.org/licenses/by-sa/4.0/',
      source_url: `https://example.org/${author}`,
    })),
  }
}

test('photos of the breed are shown with their authors and licences', async () => {
  photosOf('Golden Retriever', 'Ann', 'Bob')
  photosOf('Labrador Retriever', 'Carl')
  await answerWith({ verdict: verdictOf({ breeds: [golden] }) })
  const photos = await screen.findByRole('region', { name: 'Dogs of this breed' })
  const second = await within(photos).findByRole('img', { name: 'Golden Retriever, photo 2' })
  expect(second).toHaveAttribute('src', '/api/breeds/golden_retriever/photos/1.jpg')
  expect(second).toHaveAttribute('loading', 'lazy')
  expect(within(photos).getByRole('link', { name: 'Bob' })).toHaveAttribute('href', 'https://example.org/Bob')
  for (const licence of within(photos).getAllByRole('link', { name: 'CC BY-SA 4.0' }))
    expect(licence).toHaveAttribute('href', 'https://creativecommons.org/licenses/by-sa/4.0/')
  expect(within(photos).queryByText('Carl')).not.toBeInTheDocument()
})

test('where two breeds are named, each has its own row of photos', async () => {
  photosOf('Golden Retriever', 'Ann')
  photosOf('Labrador Retriever', 'Carl', 'Dora')
  await answerWith({ verdict: verdictOf({ kind: 'one_of', level: 'uncertain', breeds: [golden, labrador] }) })
  const photos = await screen.findByRole('region', { name: 'Dogs of these breeds' })
  const row = within(photos).getByRole('list', { name: 'Labrador Retriever' })
  expect(await within(row).findByText('Dora')).toBeVisible()
  expect(within(row).queryByText('Ann')).not.toBeInTheDocument()
})

test('no photos are shown where no breed is named, or where the server has none', async () => {
  photosOf('Golden Retriever', 'Ann')
  await answerWith({ verdict: verdictOf({ kind: 'uncertain', level: 'uncertain', breeds: [golden] }) })
  await screen.findByText(/^Answered by/)
  expect(screen.queryByRole('region', { name: /^Dogs of/ })).not.toBeInTheDocument()
})

test('compared breeds have links to other catalogues', async () => {
  page.server.breeds['Golden Retriever'] = {
    vbo: { id: 'VBO:0200610', url: 'https://purl.obolibrary.org/obo/VBO_0200610' },
    fci: { id: '111', url: 'https://www.fci.be/en/nomenclature/GOLDEN-RETRIEVER-111.html' },
    wikidata: { id: 'Q38686', url: 'https://www.wikidata.org/wiki/Q38686' },
  }
  const { user } = await answerWith({})
  await user.click(screen.getByText('Compare two breeds'))
  expect(await screen.findByRole('link', { name: 'FCI no. 111' })).toHaveAttribute(
    'href',
    'https://www.fci.be/en/nomenclature/GOLDEN-RETRIEVER-111.html',
  )
  expect(screen.getByRole('link', { name: 'VBO:0200610' })).toBeVisible()
  expect(screen.getByRole('link', { name: 'Wikidata Q38686' })).toBeVisible()
})

describe('on a phone with a share sheet', () => {
  const { matchMedia } = window
  const shared: ShareData[] = []
  let result: () => Promise<void> = () => Promise.resolve()

  beforeEach(() => {
    shared.length = 0
    result = () => Promise.resolve()
    window.matchMedia = (query) => ({ ...matchMedia(query), matches: query === '(pointer: coarse)' })
    const share = (data: ShareData) => {
      shared.push(data)
      return result()
    }
    Object.defineProperty(navigator, 'share', { value: share, configurable: true })
  })
  afterEach(() => {
    window.matchMedia = matchMedia
    Reflect.deleteProperty(navigator, 'share')
  })

  test('the answer and its link are shared', async () => {
    const { user } = await answerWith({})
    expect(screen.queryByRole('button', { name: 'Copy the link' })).not.toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Share' }))
    await waitFor(() => expect(shared).toHaveLength(1))
    expect(shared[0]?.text).toBe('Almost certainly: Golden Retriever (93%).')
    expect(shared[0]?.url).toMatch(/\/answers\/8f7ef8c4-0000-4000-8000-000000000000$/)
  })

  test('closing the sheet changes nothing', async () => {
    result = () => Promise.reject(new DOMException('Closed.', 'AbortError'))
    const { user } = await answerWith({})
    await user.click(screen.getByRole('button', { name: 'Share' }))
    await waitFor(() => expect(shared).toHaveLength(1))
    expect(screen.getByRole('button', { name: 'Share' })).toBeVisible()
  })

  test('if sharing fails, the answer can be copied', async () => {
    result = () => Promise.reject(new DOMException('Not allowed.', 'NotAllowedError'))
    const { user } = await answerWith({})
    await user.click(screen.getByRole('button', { name: 'Share' }))
    expect(await screen.findByRole('button', { name: 'Copy the link' })).toBeVisible()
  })
})

import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { Answers } from '../../api/types'
import { readHistory } from '../../features/history/store'
import { dogOf, predictionOf, sendJson } from '../../testing/fakeApi'
import { photo, setUpPage } from '../../testing/openPage'

const page = setUpPage()
const PATH = '/api/predictions'

function answered(name: string) {
  return predictionOf({ id: crypto.randomUUID(), name })
}

/** The server's answer to photos of one dog. */
function answerTogether(answers: Answers) {
  page.server.postAnswers[PATH] = (response) => sendJson(response, 200, answers)
}

/** Chooses photos of one dog, which the server answers only together. */
async function chooseOneDog(...names: string[]) {
  page.server.answer = () => {}
  const opened = page.open()
  await opened.choose(...names.map((name) => photo(name, `bytes of ${name}`)))
  expect(screen.getByRole('radio', { name: 'Different dogs' })).toBeChecked()
  await opened.user.click(screen.getByRole('radio', { name: 'All of one dog' }))
  return opened
}

async function shares() {
  return within(await screen.findByRole('region', { name: 'What each photo adds' }))
}

test('photos of one dog are sent together and get one answer, with what each photo adds', async () => {
  const rows = [{ without: 0.88, weight: 0.5 }, { duplicate_of: 0, weight: 0.5, without: 0.97 }, { weight: 0.7 }]
  answerTogether({ answers: [answered('Kuvasz'), answered('Kuvasz'), answered('Samoyed')], dog: dogOf(rows) })
  await chooseOneDog('1.jpg', '2.jpg', '3.jpg')
  const list = (await shares()).getAllByRole('listitem')
  expect(screen.getByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
  expect(screen.getByTestId('probability')).toHaveTextContent('97%')
  expect(screen.getByText('From 3 photos together')).toBeVisible()
  expect(list[0]).toHaveTextContent('Nearly the same as photo 2, counted once.')
  expect(list[0]).toHaveTextContent('Without this photo: 88% instead of 97%.')
  expect(list[1]).toHaveTextContent('Nearly the same as photo 1, counted once.')
  expect(list[1]).toHaveTextContent('Without this photo: 97% too.')
  expect(list[2]).toHaveTextContent('Photo 3: Samoyed, 93%')
  expect(list[2]).toHaveTextContent('Counts 70% of a full photo.')
  const [body] = page.server.posts[PATH] ?? []
  for (const name of ['1.jpg', '2.jpg', '3.jpg']) expect(body).toContain(`bytes of ${name}`)
  expect(screen.queryByRole('region', { name: 'Was it right?' })).not.toBeInTheDocument()
})

test('each photo has its own answer, and only these are in the history', async () => {
  answerTogether({ answers: [answered('Kuvasz'), answered('Beagle')], dog: dogOf([{}, {}]) })
  const { user } = await chooseOneDog('1.jpg', '2.jpg')
  await user.click((await shares()).getByRole('button', { name: 'Show the answer to 2.jpg' }))
  expect(await screen.findByRole('heading', { name: 'Beagle' })).toBeVisible()
  expect(screen.getByRole('region', { name: 'Was it right?' })).toBeVisible()
  await user.click(screen.getByRole('button', { name: 'Show the answer to all 2 photos' }))
  expect(await shares()).toBeTruthy()
  await waitFor(async () => expect((await readHistory()).map(({ name }) => name).sort()).toEqual(['1.jpg', '2.jpg']))
})

test('answers are kept when the visitor changes his or her mind', async () => {
  answerTogether({ answers: [answered('Kuvasz'), answered('Beagle')], dog: dogOf([{}, {}]) })
  const { user } = await chooseOneDog('1.jpg', '2.jpg')
  await shares()
  const sent = page.server.uploads.length
  await user.click(screen.getByRole('radio', { name: 'Different dogs' }))
  expect(screen.getByRole('heading', { name: 'Kuvasz' })).toBeVisible()
  expect(page.server.uploads).toHaveLength(sent)
})

test('a photo of another dog can be kept apart with one click, and counted again', async () => {
  const rows = [{}, {}, { agrees: false, weight: 0 }]
  answerTogether({ answers: [answered('Kuvasz'), answered('Kuvasz'), answered('Beagle')], dog: dogOf(rows) })
  const { user } = await chooseOneDog('1.jpg', '2.jpg', '3.jpg')
  expect((await shares()).getByText(/Is this the same dog\?/)).toBeVisible()
  expect(screen.getByText('From 2 photos together')).toBeVisible()

  answerTogether({ answers: [answered('Kuvasz'), answered('Kuvasz')], dog: dogOf(rows.slice(0, 2)) })
  await user.click((await shares()).getByRole('button', { name: 'Keep apart' }))
  expect(await screen.findByText('Kept apart. It has its own answer.')).toBeVisible()
  expect((await shares()).getByText('Beagle, 93%')).toBeVisible() // it is not sent again
  expect(page.server.posts[PATH]?.at(-1)).not.toContain('bytes of 3.jpg')
  await user.click((await shares()).getByRole('button', { name: 'Count it as well' }))
  await waitFor(() => expect(page.server.posts[PATH]?.at(-1)).toContain('bytes of 3.jpg'))
})

test('a photo that cannot be read does not stop the others, and can be removed', async () => {
  const broken = { code: 'broken_image', detail: 'The photo is damaged.' }
  answerTogether({ answers: [answered('Kuvasz'), broken, answered('Kuvasz')], dog: dogOf([{}, { photo: 2 }]) })
  const { user } = await chooseOneDog('1.jpg', '2.jpg', '3.jpg')
  const list = (await shares()).getAllByRole('listitem')
  expect(list[1]).toHaveTextContent('Photo 2: The photo is damaged.')
  expect(list[2]).toHaveTextContent('Counts fully.')
  answerTogether({ answers: [answered('Kuvasz'), answered('Kuvasz')], dog: dogOf([{}, {}]) })
  await user.click((await shares()).getByRole('button', { name: 'Remove' }))
  await waitFor(async () => expect((await shares()).getAllByRole('listitem')).toHaveLength(2))
})

test('if no photo can be read, each has its reason', async () => {
  const broken = { code: 'broken_image', detail: 'The photo is damaged.' }
  answerTogether({ answers: [broken, broken], dog: null })
  await chooseOneDog('1.jpg', '2.jpg')
  expect(await screen.findByRole('alert')).toHaveTextContent('None of the photos could be answered.')
  expect((await shares()).getAllByText('The photo is damaged.')).toHaveLength(2)
})

test('a lost connection shows an error, and the photos can be sent again', async () => {
  page.server.postAnswers[PATH] = (response) => response.destroy()
  const { user } = await chooseOneDog('1.jpg', '2.jpg')
  expect(await screen.findByRole('alert')).toHaveTextContent('The server could not be reached.')
  answerTogether({ answers: [answered('Kuvasz'), answered('Kuvasz')], dog: dogOf([{}, {}]) })
  await user.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await shares()).toBeTruthy()
})

test('a busy server gets the photos again', async () => {
  page.server.postAnswers[PATH] = (response) => {
    answerTogether({ answers: [answered('Kuvasz'), answered('Kuvasz')], dog: dogOf([{}, {}]) })
    sendJson(response, 503, { code: 'busy', detail: 'Try again soon.' }, { 'Retry-After': '1' })
  }
  await chooseOneDog('1.jpg', '2.jpg')
  expect(await screen.findByText('The server is busy. Trying again in a moment…')).toBeVisible()
  expect(await shares()).toBeTruthy()
})

test('a photo added to an answer makes it an answer for the dog', async () => {
  const { user, choose } = page.open()
  await choose(photo('1.jpg', 'first'))
  await screen.findByRole('heading', { name: 'Golden Retriever' })
  answerTogether({ answers: [answered('Kuvasz'), answered('Samoyed')], dog: dogOf([{}, {}]) })
  await user.upload(screen.getByLabelText('More photos of this dog'), photo('2.jpg', 'second'))
  expect((await shares()).getAllByRole('listitem')[1]).toHaveTextContent('Samoyed')
  expect(screen.getByRole('radio', { name: 'All of one dog' })).toBeChecked()
  // The first photo keeps its first answer: feedback and history belong to it.
  expect((await shares()).getAllByRole('listitem')[0]).toHaveTextContent('Golden Retriever')
  await waitFor(async () => expect(await readHistory()).toHaveLength(2))
})

test('a photo can be dropped onto the answer', async () => {
  const { choose } = page.open()
  await choose(photo('1.jpg'))
  await screen.findByRole('heading', { name: 'Golden Retriever' })
  answerTogether({ answers: [answered('Kuvasz'), answered('Kuvasz')], dog: dogOf([{}, {}]) })
  const file = photo('2.jpg')
  const items = [{ kind: 'file', type: file.type, getAsFile: () => file }]
  const dataTransfer = { files: [file], types: ['Files'], items }
  fireEvent.dragEnter(document.body, { dataTransfer })
  fireEvent.dragOver(screen.getByText('Drop here: more photos of this dog'), { dataTransfer })
  fireEvent.drop(screen.getByText('Drop here: more photos of this dog'), { dataTransfer })
  expect((await shares()).getAllByRole('listitem')).toHaveLength(2)
})

test('more than 16 photos cannot be of one dog', async () => {
  const { choose } = page.open()
  await choose(...Array.from({ length: 17 }, (_, index) => photo(`${index}.jpg`)))
  expect(screen.getByRole('radio', { name: 'All of one dog' })).toBeDisabled()
  expect(screen.getByText('Up to 16 photos of one dog can be answered together.')).toBeVisible()
})

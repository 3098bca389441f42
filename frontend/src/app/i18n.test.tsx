import { screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { label_names as modelLabels } from '../../../models/default/config.json'
import * as de from '../locales/de'
import { en } from '../locales/en'
import * as fr from '../locales/fr'
import { predictionOf, sendJson } from '../testing/fakeApi'
import { photo, setUpPage } from '../testing/openPage'
import { chooseLanguage } from './i18n'

const page = setUpPage()
afterEach(() => chooseLanguage('en'))

test('a chosen language applies to the whole page, numbers and breeds included, and is remembered', async () => {
  page.server.answer = (response) =>
    sendJson(response, 200, predictionOf({ breed: 'german_shepherd', name: 'German Shepherd Dog', probability: 0.093 }))
  const { user, choose } = page.open()
  await choose(photo())
  await screen.findByRole('heading', { name: 'German Shepherd Dog' })
  await user.selectOptions(screen.getByRole('combobox', { name: 'Language' }), 'Deutsch')
  expect(await screen.findByRole('heading', { name: 'Deutscher Schäferhund' })).toBeVisible()
  expect(screen.getByTestId('probability').textContent).toMatch(/^9,3\s%$/)
  expect(document.documentElement.lang).toBe('de')
  expect(localStorage.getItem('dogbreed.language')).toBe('de')
})

test('errors of the API are translated to German by their code', async () => {
  await chooseLanguage('de')
  page.server.answer = (response) => sendJson(response, 400, { code: 'broken_image', detail: 'Damaged.' })
  const { user } = page.open()
  await user.upload(screen.getByLabelText('Foto eines Hundes'), photo())
  expect(await screen.findByRole('alert')).toHaveTextContent('Dieses Foto ist beschädigt oder unvollständig.')
})

/** The names in {{braces}} of every text, by the text's key. */
function placeholders(texts: object, path = ''): [string, string[]][] {
  return Object.entries(texts).flatMap(([key, text]) =>
    typeof text === 'string'
      ? [[path + key, [...text.matchAll(/{{\w+}}/g)].map(([name]) => name).sort()]]
      : placeholders(text as object, `${path}${key}.`),
  )
}

const translations = { de, fr }

test.each(Object.entries(translations))(
  '%s has the same texts as English, with the same placeholders',
  (_, { texts }) => {
    expect(Object.fromEntries(placeholders(texts))).toEqual(Object.fromEntries(placeholders(en)))
  },
)

test.each(Object.entries(translations))('%s translates only breeds that the model knows', (_, { breeds }) => {
  expect(modelLabels).toEqual(expect.arrayContaining(Object.keys(breeds)))
})

test('French has a name for every breed, and no name twice', () => {
  expect(Object.keys(fr.breeds).sort()).toEqual([...modelLabels].sort())
  expect(new Set(Object.values(fr.breeds)).size).toBe(Object.keys(fr.breeds).length)
})

test('French has no-break spaces before its punctuation and inside its quotation marks', () => {
  expect(JSON.stringify([fr.texts, fr.errors])).not.toMatch(/ [?!;:»%]|« /)
})

test('a French page has French breeds, numbers, dates and plurals', async () => {
  await chooseLanguage('fr')
  page.server.answer = (response) => sendJson(response, 200, predictionOf({ probability: 0.093 }))
  const { user } = page.open()
  await user.upload(screen.getByLabelText('Photo d’un chien'), photo())
  expect(await screen.findByRole('heading', { name: 'Golden Retriever' })).toBeVisible()
  expect(screen.getByTestId('probability').textContent).toMatch(/^9,3\s%$/)
  await user.click(screen.getByRole('link', { name: 'Historique' }))
  await user.click(await screen.findByRole('button', { name: 'Retirer\u00a0: Golden Retriever' }))
  expect(await screen.findByText('Une photo a été retirée de l’historique.')).toBeVisible()
})

import { screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { de } from '../locales/de'
import { en } from '../locales/en'
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

test('both languages have the same texts with the same placeholders', () => {
  expect(placeholders(de)).toEqual(placeholders(en))
})

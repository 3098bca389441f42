import { expect, test } from 'vitest'
import { certaintyOf, formatProbability } from './probability'

test.each([
  [1, '>99%'],
  [0.995, '>99%'],
  [0.994, '99%'],
  [0.93, '93%'],
  [0.0996, '10%'],
  [0.0994, '9.9%'],
  [0.001, '0.1%'],
  [0.00099, '<0.1%'],
  [0, '<0.1%'],
])('%d is shown as %s', (probability, text) => {
  expect(formatProbability(probability)).toBe(text)
})

test('German percentages have a decimal comma and a space', () => {
  expect(formatProbability(0.0994, 'de').replaceAll(/\s/g, ' ')).toBe('9,9 %')
})

test.each([
  [0.9, 'high'],
  [0.89, 'good'],
  [0.6, 'good'],
  [0.59, 'some'],
  [0.35, 'some'],
  [0.34, 'low'],
])('the certainty of %d is “%s”', (probability, certain) => {
  expect(certaintyOf(probability)).toBe(certain)
})

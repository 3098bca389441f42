import { expect, test } from 'vitest'
import { certainty, percent } from './wording'

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
])('%d reads as %s', (probability, text) => {
  expect(percent(probability)).toBe(text)
})

test('German writes its percentages its own way', () => {
  expect(percent(0.0994, 'de').replaceAll(/\s/g, ' ')).toBe('9,9 %')
})

test.each([
  [0.9, 'high'],
  [0.89, 'good'],
  [0.6, 'good'],
  [0.59, 'some'],
  [0.35, 'some'],
  [0.34, 'low'],
])('%d is certainty “%s”', (probability, certain) => {
  expect(certainty(probability)).toBe(certain)
})

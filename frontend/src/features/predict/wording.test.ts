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

test.each([
  [0.9, 'Almost certainly'],
  [0.89, 'Probably'],
  [0.6, 'Probably'],
  [0.59, 'Perhaps'],
  [0.35, 'Perhaps'],
  [0.34, 'Hard to tell'],
])('%d is said as “%s”', (probability, words) => {
  expect(certainty(probability)).toBe(words)
})

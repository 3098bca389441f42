import { expect, test } from 'vitest'
import { afterKey, ALL_EDGES, dragged, startBox } from './box'

function rounded(box: object | null) {
  return Object.fromEntries(Object.entries(box ?? {}).map(([edge, share]) => [edge, Number(share.toFixed(3))]))
}

test('it starts with the suggested part, or with the whole photo less a margin', () => {
  expect(rounded(startBox([0.2, 0.3, 0.7, 0.8]))).toEqual({ left: 0.2, top: 0.3, right: 0.7, bottom: 0.8 })
  expect(rounded(startBox(null))).toEqual({ left: 0.1, top: 0.1, right: 0.9, bottom: 0.9 })
})

test('a suggestion outside the photo, or without an area, becomes a usable box', () => {
  expect(rounded(startBox([-0.2, 0.5, 1.4, 0.5]))).toEqual({ left: 0, top: 0.5, right: 1, bottom: 0.6 })
})

test('moving stops at the edge of the photo and keeps the size', () => {
  expect(rounded(dragged(startBox(null), ALL_EDGES, 0.5, -0.05))).toEqual({
    left: 0.2,
    top: 0.05,
    right: 1,
    bottom: 0.85,
  })
})

test('a corner moves two edges and cannot pass the opposite corner', () => {
  expect(rounded(dragged(startBox(null), ['right', 'bottom'], -0.3, -5))).toEqual({
    left: 0.1,
    top: 0.1,
    right: 0.6,
    bottom: 0.2,
  })
})

test('arrow keys move the box, with Shift they resize it, and other keys do nothing', () => {
  expect(rounded(afterKey(startBox(null), 'ArrowLeft', false))).toMatchObject({ left: 0.08, right: 0.88 })
  expect(rounded(afterKey(startBox(null), 'ArrowUp', true))).toMatchObject({ top: 0.1, bottom: 0.88 })
  expect(afterKey(startBox(null), 'a', false)).toBeNull()
})

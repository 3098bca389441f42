import { expect, test } from 'vitest'
import { acceptAttribute, formatNames, isAccepted } from './acceptedFormats'

const MEDIA_TYPES = ['image/jpeg', 'image/webp', 'image/heic', 'image/heif']

test.each([
  ['image/jpeg', 'dog.jpg', true],
  ['image/png', 'dog.png', false],
  ['application/pdf', 'cv.pdf', false],
  ['', 'IMG_1.HEIC', true],
  ['', 'dog.bmp', false],
  ['', 'dog', false],
])('a file of type “%s” called %s is accepted: %s', (type, name, accepted) => {
  expect(isAccepted({ type, name }, MEDIA_TYPES)).toBe(accepted)
})

test.each([
  ['image/bmp', 'dog.bmp', true],
  ['application/pdf', 'cv.pdf', false],
  ['', 'IMG_1.HEIC', true],
  ['', 'dog', false],
])('before the server has answered, a file of type “%s” called %s is accepted: %s', (type, name, accepted) => {
  expect(isAccepted({ type, name }, undefined)).toBe(accepted)
})

test('file dialogs offer the accepted types and extensions', () => {
  expect(acceptAttribute(['image/jpeg', 'image/heic'])).toBe('image/jpeg,.jpeg,image/heic,.heic')
  expect(acceptAttribute(undefined)).toBe('image/*')
})

test('each format is named once', () => {
  expect(formatNames(MEDIA_TYPES, 'en')).toBe('JPEG, WebP, or HEIC')
  expect(formatNames(MEDIA_TYPES, 'de')).toBe('JPEG, WebP oder HEIC')
})

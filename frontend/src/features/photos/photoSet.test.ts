import { expect, test } from 'vitest'
import type { Photo } from '../../components/photo'
import {
  newSet,
  photosOfDog,
  roomInDog,
  showing,
  withApart,
  without,
  withoutApart,
  withOneDog,
  withPart,
  withPhotosOfDog,
  type PhotoSet,
} from './photoSet'

function photoOf(id: number): Photo {
  return { id, file: new File(['photo'], `${id}.jpg`), url: `blob:${id}` }
}

function setOf(...ids: number[]): PhotoSet {
  return newSet(ids.map(photoOf))
}

function idsOf(photos: Photo[]): number[] {
  return photos.map(({ id }) => id)
}

test('photos show different dogs until the visitor says otherwise', () => {
  expect(photosOfDog(setOf(1, 2))).toEqual([])
  expect(idsOf(photosOfDog(withOneDog(setOf(1, 2), true)))).toEqual([1, 2])
})

test('photos added to an answer are of the dog in the shown photo only', () => {
  const set = withPhotosOfDog(showing(setOf(1, 2, 3), 2), [photoOf(4)])
  expect(idsOf(set.photos)).toEqual([1, 2, 3, 4])
  expect(idsOf(photosOfDog(set))).toEqual([2, 4])
})

test('a photo kept apart can be counted again, and a removed one is gone', () => {
  const set = withOneDog(setOf(1, 2, 3), true)
  expect(idsOf(photosOfDog(withApart(set, 2)))).toEqual([1, 3])
  expect(idsOf(photosOfDog(withoutApart(withApart(set, 2), 2)))).toEqual([1, 2, 3])
  expect(idsOf(without(set, 2).photos)).toEqual([1, 3])
})

test('a single photo is answered on its own', () => {
  expect(photosOfDog(without(withOneDog(setOf(1, 2), true), 1))).toEqual([])
})

test('a dog has room for 16 photos', () => {
  expect(roomInDog(setOf(1))).toBe(15)
  expect(roomInDog(withOneDog(setOf(1, 2, 3), true))).toBe(13)
  expect(roomInDog(setOf())).toBe(0)
})

test('a part of a photo comes after it, and among photos of one dog it takes its place', () => {
  expect(idsOf(withPart(setOf(1, 2), 1, photoOf(3)).photos)).toEqual([1, 3, 2])
  expect(idsOf(withPart(withOneDog(setOf(1, 2), true), 1, photoOf(3)).photos)).toEqual([3, 2])
})

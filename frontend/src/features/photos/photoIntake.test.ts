import { fireEvent, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { photo } from '../../testing/openPage'
import { listenForPhotos, takePhotos } from './photoIntake'

const fileEntry = (file: File) => ({
  isFile: true,
  isDirectory: false,
  file: (done: (file: File) => void) => done(file),
})

/** A folder that lists one entry at a time, as browsers list large folders in steps. */
function folderEntry(...entries: object[]) {
  const createReader = () => {
    const rest = [...entries]
    return { readEntries: (done: (entries: object[]) => void) => done(rest.splice(0, 1)) }
  }
  return { isFile: false, isDirectory: true, createReader }
}

test('photos that come before the page has loaded wait for it, and newer ones replace them', () => {
  listenForPhotos()
  const [older, newer] = [photo('older.jpg'), photo('newer.jpg')]
  fireEvent.paste(document.body, { clipboardData: { files: [older] } })
  fireEvent.paste(document.body, { clipboardData: { files: [newer] } })
  const taken: File[][] = []
  const end = takePhotos((files) => taken.push(files))
  expect(taken).toEqual([[newer]])
  fireEvent.paste(document.body, { clipboardData: { files: [older] } })
  expect(taken).toEqual([[newer], [older]])
  end()
})

test('a dropped folder gives all photos in it', async () => {
  const [rex, bella, luna] = [photo('rex.jpg'), photo('bella.jpg'), photo('luna.jpg')]
  const folder = folderEntry(fileEntry(bella), folderEntry(fileEntry(luna)))
  const items = [fileEntry(rex), folder].map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry }))
  const taken: File[][] = []
  const end = takePhotos((files) => taken.push(files))
  fireEvent.drop(document.body, { dataTransfer: { types: ['Files'], files: [rex], items } })
  await waitFor(() => expect(taken).toEqual([[rex, bella, luna]]))
  end()
})

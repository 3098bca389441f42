import '@testing-library/jest-dom/vitest'
import 'fake-indexeddb/auto'
import { cleanup, configure } from '@testing-library/react'
import { afterEach } from 'vitest'

configure({ asyncUtilTimeout: 10_000 }) // tests must not fail on a busy machine

// Browser features that jsdom lacks.
let objectUrls = 0
URL.createObjectURL = () => `blob:preview-${(objectUrls += 1)}`
URL.revokeObjectURL = () => {}

window.matchMedia = (query) => ({
  matches: false,
  media: query,
  onchange: null,
  addListener: () => {},
  removeListener: () => {},
  addEventListener: () => {},
  removeEventListener: () => {},
  dispatchEvent: () => false,
})

window.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
}

afterEach(cleanup)
afterEach(() => localStorage.clear())

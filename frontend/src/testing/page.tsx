import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach } from 'vitest'
import { App } from '../app/App'
import { startTranslation } from '../app/i18n'
import { forgetAll } from '../features/history/store'
import { TestServer } from './server'

// Vitest's jsdom environment puts its instance here.
declare const jsdom: { reconfigure: (settings: { url: string }) => void }

export function photo(name = 'rex.jpg', content: BlobPart = 'photo', type = 'image/jpeg'): File {
  return new File([content], name, { type })
}

/** The whole page against a real server; a new one for each test. */
export function usePageWithServer() {
  const page = {
    server: new TestServer(),
    open(path = '/') {
      window.history.replaceState(null, '', path)
      render(<App />)
      // A drop or a paste is not held back by the file dialog's filter, and so neither are these tests.
      const user = userEvent.setup({ applyAccept: false })
      return { user, choose: (...files: File[]) => user.upload(screen.getByLabelText('Photo of a dog'), files) }
    },
  }
  beforeEach(async () => {
    await startTranslation()
    await forgetAll()
    page.server = new TestServer()
    jsdom.reconfigure({ url: await page.server.start() })
  })
  afterEach(() => page.server.stop())
  return page
}

import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach } from 'vitest'
import { App } from '../app/App'
import { startTranslation } from '../app/i18n'
import { clearHistory } from '../features/history/store'
import { FakeApi } from './fakeApi'

// A global of Vitest's jsdom environment.
declare const jsdom: { reconfigure: (settings: { url: string }) => void }

export function photo(name = 'rex.jpg', content: BlobPart = 'photo', type = 'image/jpeg'): File {
  return new File([content], name, { type })
}

/** Renders the whole page with a fake API. Each test gets a new one. */
export function setUpPage() {
  const page = {
    server: new FakeApi(),
    open(path = '/') {
      window.history.replaceState(null, '', path)
      render(<App />)
      // Dropped and pasted files bypass the filter of the file dialog, so the tests bypass it too.
      const user = userEvent.setup({ applyAccept: false })
      return { user, choose: (...files: File[]) => user.upload(screen.getByLabelText('Photo of a dog'), files) }
    },
  }
  beforeEach(async () => {
    await startTranslation('en')
    await clearHistory()
    page.server = new FakeApi()
    jsdom.reconfigure({ url: await page.server.start() })
  })
  afterEach(() => page.server.stop())
  return page
}

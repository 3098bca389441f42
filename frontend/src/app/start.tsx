import { startTransition, StrictMode } from 'react'
import { createRoot, hydrateRoot } from 'react-dom/client'
import { App } from './App'
import { startTranslation } from './i18n'
import type { Language } from './language'
import { registerServiceWorker } from './pageUpdates'
import { loadNextParts } from './pages'

/** Makes the first screen work, or shows the page where there is no first screen: at other addresses, and in development. */
export async function start(root: HTMLElement, language: Language, hasFirstScreen: boolean) {
  await startTranslation(language)
  const page = (
    <StrictMode>
      <App />
    </StrictMode>
  )
  // As a transition, React works in short steps between which the browser reacts to the visitor.
  startTransition(() => {
    if (hasFirstScreen) hydrateRoot(root, page)
    else createRoot(root).render(page)
  })
  if (!import.meta.env.PROD) return
  registerServiceWorker()
  loadNextParts()
}

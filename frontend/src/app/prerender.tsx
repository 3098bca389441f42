import i18next from 'i18next'
import { StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { Router } from 'wouter'
import { App } from './App'
import { startTranslation } from './i18n'
import { LANGUAGES, type Language } from './language'

export interface FirstScreen {
  language: string
  title: string
  html: string
  /** What to say if the rest of the page cannot be loaded. */
  notLoaded: string
}

/** The first screen in each language, for the build. */
export async function prerender(): Promise<FirstScreen[]> {
  const screens: FirstScreen[] = []
  for (const language of Object.keys(LANGUAGES) as Language[]) {
    await startTranslation(language)
    const rendered = renderToString(
      <StrictMode>
        <Router ssrPath="/">
          <App />
        </Router>
      </StrictMode>,
    )
    const html = rendered.replace(/^(<link[^>]*>)+/, '') // preloads of images, which follow anyway
    screens.push({ language, html, title: i18next.t('app.title'), notLoaded: i18next.t('app.notStarted') })
  }
  return screens
}

import type { Language } from './language'

/**
 * The photo page before anything has happened, as React renders it: index.html contains it in each language (see
 * build/firstScreen.ts). Visitors see it and can choose a photo while the rest of the page loads.
 */
function firstScreen(language: Language): HTMLTemplateElement | null {
  return document.querySelector<HTMLTemplateElement>(`template[data-first-screen][lang=${language}]`)
}

/** Shows the first screen. Returns false if there is none: at other addresses, and in development. */
export function showFirstScreen(root: HTMLElement, language: Language): boolean {
  document.documentElement.lang = language
  const template = firstScreen(language)
  if (!template) return false
  document.title = template.title
  if (window.location.pathname !== '/') return false
  root.replaceChildren(template.content.cloneNode(true))
  return true
}

/** Says that the rest of the page could not be loaded. */
export function showNotLoaded(root: HTMLElement, language: Language) {
  const alert = document.createElement('p')
  alert.setAttribute('role', 'alert')
  alert.className = 'not-loaded'
  alert.textContent = firstScreen(language)?.dataset.notLoaded ?? ''
  root.prepend(alert)
}

/** Resolves after the browser has shown what is there, or soon in a tab in the background, which shows nothing. */
export function nextPaint(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve))
    setTimeout(resolve, 300)
  })
}

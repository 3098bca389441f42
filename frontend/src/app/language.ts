export const LANGUAGES = { en: 'English', de: 'Deutsch', fr: 'Français' } as const
export type Language = keyof typeof LANGUAGES

const STORAGE_KEY = 'dogbreed.language'

function isLanguage(name: string | null | undefined): name is Language {
  return name !== null && name !== undefined && name in LANGUAGES
}

/** The language chosen earlier, or the first supported language in the browser's settings. */
export function preferredLanguage(): Language {
  const stored = localStorage.getItem(STORAGE_KEY)
  if (isLanguage(stored)) return stored
  return navigator.languages.map((name) => name.slice(0, 2)).find(isLanguage) ?? 'en'
}

export function rememberLanguage(language: Language) {
  localStorage.setItem(STORAGE_KEY, language)
}

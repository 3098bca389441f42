import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { en } from '../locales/en'

export const LANGUAGES = { en: 'English', de: 'Deutsch', fr: 'Français' } as const
export type Language = keyof typeof LANGUAGES

const STORAGE_KEY = 'dogbreed.language'

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en }
    enableSelector: false
  }
}

function isLanguage(name: string | null | undefined): name is Language {
  return name !== null && name !== undefined && name in LANGUAGES
}

/** The language chosen earlier, or the first supported language in the browser's settings. */
function preferredLanguage(): Language {
  const stored = localStorage.getItem(STORAGE_KEY)
  if (isLanguage(stored)) return stored
  return navigator.languages.map((name) => name.slice(0, 2)).find(isLanguage) ?? 'en'
}

const LOADERS = {
  de: () => import('../locales/de'),
  fr: () => import('../locales/fr'),
}

/** English is part of the page. Other languages are loaded on demand. */
async function load(language: Language) {
  if (language === 'en' || i18next.hasResourceBundle(language, 'translation')) return
  const { texts, breeds, errors } = await LOADERS[language]()
  i18next.addResourceBundle(language, 'translation', texts)
  i18next.addResourceBundle(language, 'breeds', breeds)
  i18next.addResourceBundle(language, 'errors', errors)
}

export async function chooseLanguage(language: Language) {
  await load(language)
  await i18next.changeLanguage(language)
  localStorage.setItem(STORAGE_KEY, language)
}

/** Resolves when the texts in the visitor's language are ready. */
export async function startTranslation(): Promise<void> {
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language
    document.title = i18next.t('app.title')
  })
  const language = preferredLanguage()
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false }, // React escapes values itself
    returnEmptyString: false,
  })
  if (language !== 'en') {
    await load(language).then(
      () => i18next.changeLanguage(language),
      () => undefined, // offline: the page stays in English
    )
  }
}

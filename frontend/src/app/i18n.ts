import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import type { en } from '../locales/en'
import { rememberLanguage, type Language } from './language'

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en }
    enableSelector: false
  }
}

/** Each language is a file of its own, loaded when it is needed. */
const LOCALES = {
  en: async () => ({ texts: (await import('../locales/en')).en }),
  de: () => import('../locales/de'),
  fr: () => import('../locales/fr'),
}

async function load(language: Language) {
  if (i18next.hasResourceBundle(language, 'translation')) return
  const { texts: translation, ...others } = await LOCALES[language]()
  for (const [namespace, texts] of Object.entries({ translation, ...others })) {
    i18next.addResourceBundle(language, namespace, texts)
  }
}

/** Resolves when the texts of the language are ready. Rejects if they cannot be loaded. */
export async function startTranslation(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false }, // React escapes values itself
    returnEmptyString: false,
  })
  await load(language)
  await i18next.changeLanguage(language)
}

/** Shows the page in another language. */
export async function chooseLanguage(language: Language) {
  await load(language)
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
  document.title = i18next.t('app.title')
  rememberLanguage(language)
}

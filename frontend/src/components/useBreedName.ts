import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'

/** A breed's name in the visitor's language, or the API's name if there is no translation. */
export function useBreedName(): (breed: { breed: string; name: string }) => string {
  const { i18n } = useTranslation()
  const { language } = i18n
  return useCallback(
    ({ breed, name }) => (i18n.getResource(language, 'breeds', breed) as string | undefined) ?? name,
    [i18n, language],
  )
}

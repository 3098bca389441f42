import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'

/** What people call a breed in the visitor's language; where nobody has said, the API's own name for it. */
export function useBreedName(): (breed: { breed: string; name: string }) => string {
  const { i18n } = useTranslation()
  const { language } = i18n
  return useCallback(
    ({ breed, name }) => (i18n.getResource(language, 'breeds', breed) as string | undefined) ?? name,
    [i18n, language],
  )
}

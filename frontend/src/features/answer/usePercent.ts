import { useTranslation } from 'react-i18next'
import { percent } from './wording'

/** Percentages as the visitor's language writes them. */
export function usePercent(): (probability: number) => string {
  const { i18n } = useTranslation()
  return (probability) => percent(probability, i18n.language)
}

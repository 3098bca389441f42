import { useTranslation } from 'react-i18next'
import { formatProbability } from './probability'

/** Formats probabilities in the visitor's language. */
export function useProbabilityFormat(): (probability: number) => string {
  const { i18n } = useTranslation()
  return (probability) => formatProbability(probability, i18n.language)
}

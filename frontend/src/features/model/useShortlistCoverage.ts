import type { components } from '../../api/schema'
import { useModel } from './useModel'

/** In what share of photos an answer's shortlist holds the breed; unknown for one of a model that has been replaced. */
export function useShortlistCoverage({ model }: Pick<components['schemas']['Prediction'], 'model'>): number | null {
  const served = useModel().data
  const isTheSame = served?.name === model.name && served.version === model.version
  return isTheSame ? served.trust.shortlist_coverage : null
}

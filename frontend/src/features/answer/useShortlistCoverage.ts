import type { Conclusion } from '../../api/types'
import { useModel } from '../../api/useModel'

/**
 * The share of photos, 0..1, whose shortlist includes the right breed. Null if the answer comes from another model than the
 * one that the server uses now.
 */
export function useShortlistCoverage({ model }: Pick<Conclusion, 'model'>): number | null {
  const current = useModel().data
  const isNamedLike = current?.name === model.name && current.version === model.version
  const isCurrent = isNamedLike && (model.digest ?? current.digest) === current.digest
  return isCurrent ? current.trust.shortlist_coverage : null
}

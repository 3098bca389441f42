import { useQuery } from '@tanstack/react-query'
import { getJson } from '../../api/request'
import type { StoredPrediction } from '../../api/types'

/** A prediction that the server has stored. It is not asked before `enabled` is true. */
export function useStoredPrediction(id: string, enabled: boolean) {
  return useQuery({
    queryKey: ['stored', id],
    queryFn: ({ signal }) => getJson<StoredPrediction>(`/api/predictions/${id}`, signal),
    retry: false,
    enabled,
  })
}

import { useQuery } from '@tanstack/react-query'
import { getJson } from '../../api/request'
import type { StoredPrediction } from '../../api/types'

/** A prediction that the server has stored. */
export function useStoredPrediction(id: string) {
  return useQuery({
    queryKey: ['stored', id],
    queryFn: ({ signal }) => getJson<StoredPrediction>(`/api/predictions/${id}`, signal),
    retry: false,
  })
}

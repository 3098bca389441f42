import { useQuery } from '@tanstack/react-query'
import { getJson } from './request'
import type { Model } from './types'

/** The model that the server uses. */
export function useModel() {
  return useQuery({
    queryKey: ['model'],
    queryFn: ({ signal }) => getJson<Model>('/api/model', signal),
    retry: false,
    staleTime: 5 * 60_000,
  })
}

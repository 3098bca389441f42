import { useQuery } from '@tanstack/react-query'
import { getJson } from '../../api/request'
import type { components } from '../../api/schema'

type Schemas = components['schemas']
export type ConfidenceBin = Schemas['ConfidenceBin']

export function useStatistics() {
  return useQuery({
    queryKey: ['statistics'],
    queryFn: ({ signal }) => getJson<Schemas['Statistics']>('/api/stats', signal),
    retry: false,
  })
}

import { useQuery } from '@tanstack/react-query'
import { getJson } from '../../api/request'
import type { components } from '../../api/schema'

export type Model = components['schemas']['Model']
export type Metrics = components['schemas']['Metrics']

export function useModel() {
  return useQuery({
    queryKey: ['model'],
    queryFn: ({ signal }) => getJson<Model>('/api/model', signal),
    retry: false,
    staleTime: 5 * 60_000,
  })
}

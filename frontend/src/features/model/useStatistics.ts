import { useQuery } from '@tanstack/react-query'
import { getJson } from '../../api/request'
import type { Statistics } from '../../api/types'

/** How many predictions were made, and how often visitors agreed with them. */
export function useStatistics() {
  return useQuery({
    queryKey: ['statistics'],
    queryFn: ({ signal }) => getJson<Statistics>('/api/stats', signal),
    retry: false,
  })
}

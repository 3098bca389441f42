import { useQuery } from '@tanstack/react-query'
import { getJson } from './request'
import type { UploadRules } from './types'

/** Which photos the server accepts. The page does not wait for it: undefined until the server has answered. */
export function useUploadRules() {
  return useQuery({
    queryKey: ['upload-rules'],
    queryFn: ({ signal }) => getJson<UploadRules>('/predictImage', signal),
    staleTime: Infinity,
  }).data
}

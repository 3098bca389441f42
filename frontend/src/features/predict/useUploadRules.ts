import { useQuery } from '@tanstack/react-query'
import { getJson } from '../../api/request'
import type { components } from '../../api/schema'

export type UploadRules = components['schemas']['UploadRules']

/** What the server takes. The page does not wait for it. */
export function useUploadRules() {
  return useQuery({
    queryKey: ['upload-rules'],
    queryFn: ({ signal }) => getJson<UploadRules>('/predictImage', signal),
    staleTime: Infinity,
  }).data
}

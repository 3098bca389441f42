import { useQuery } from '@tanstack/react-query'
import { apiError } from '../../api/errors'
import type { components } from '../../api/schema'

export type Model = components['schemas']['Model']
export type Metrics = components['schemas']['Metrics']

async function fetchModel(): Promise<Model> {
  const response = await fetch(new URL('/api/model', window.location.href), { headers: { Accept: 'application/json' } })
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw apiError(response.status, body, response.headers.get('Retry-After'))
  return body as Model
}

export function useModel() {
  return useQuery({ queryKey: ['model'], queryFn: fetchModel, retry: false, staleTime: 5 * 60_000 })
}

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { postJson, postPhoto } from '../../api/request'
import type { components } from '../../api/schema'

type Schemas = components['schemas']
export type Opinion = Schemas['FeedbackRequestRequest']
export type GivenFeedback = Schemas['Feedback']

export function useFeedback(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (opinion: Opinion) => postJson<GivenFeedback>(`/api/predictions/${id}/feedback`, opinion),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['statistics'] }),
  })
}

/** Gives the very bytes that the answer is about to whoever runs the server. */
export function useKeptPhoto(id: string) {
  return useMutation({
    mutationFn: ({ photo, name }: { photo: Blob; name: string }) =>
      postPhoto<Schemas['KeptPhoto']>(`/api/predictions/${id}/photo`, photo, name),
  })
}

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { postJson, postPhoto } from '../../api/request'
import type { Feedback, FeedbackRequest, KeptPhoto } from '../../api/types'

/** Sends feedback on a prediction. With its secret, later feedback replaces earlier feedback. */
export function useFeedback(predictionId: string, secret: string | null) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (feedback: FeedbackRequest) =>
      postJson<Feedback>(`/api/predictions/${predictionId}/feedback`, feedback, secret),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['statistics'] }),
  })
}

/** Sends the photo of a prediction to the server, to be stored there. It must be the same bytes as before. */
export function useStoredPhoto(predictionId: string) {
  return useMutation({
    mutationFn: ({ photo, name }: { photo: Blob; name: string }) =>
      postPhoto<KeptPhoto>(`/api/predictions/${predictionId}/photo`, photo, name),
  })
}

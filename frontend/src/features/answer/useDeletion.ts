import { useMutation, useQueryClient } from '@tanstack/react-query'
import { deleteResource } from '../../api/request'

/** Deletes a prediction from the server, with the feedback on it and its photo. */
export function useDeletion(predictionId: string, secret: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => deleteResource(`/api/predictions/${predictionId}`, secret),
    onSuccess: () => {
      client.removeQueries({ queryKey: ['stored', predictionId] })
      void client.invalidateQueries({ queryKey: ['statistics'] })
    },
  })
}

import { skipToken, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { predictImage } from './predictImage'
import type { Photo } from './types'

/** Asks once for each photo. A newer photo has a newer key, and so the older request is aborted. */
export function usePrediction(photo: Photo | null) {
  const [progress, setProgress] = useState({ photoId: 0, sent: 0 })

  const query = useQuery({
    queryKey: ['prediction', photo?.id],
    queryFn: photo
      ? ({ signal }) => {
          setProgress({ photoId: photo.id, sent: 0 })
          return predictImage(photo.file, {
            signal,
            onProgress: (sent) => setProgress({ photoId: photo.id, sent }),
          })
        }
      : skipToken,
    retry: false, // the person decides; the button says so
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    networkMode: 'always', // offline is an answer too, and not a reason to wait in silence
  })

  return {
    sent: progress.photoId === photo?.id ? progress.sent : 0,
    isAsking: query.isFetching,
    prediction: query.isFetching ? undefined : query.data,
    error: query.isFetching ? null : query.error,
    askAgain: () => void query.refetch(),
  }
}

import { useQueries } from '@tanstack/react-query'
import type { Advice, PhotoAdvice, Prediction } from '../../api/types'
import type { PhotoPrediction } from './photoState'
import { upload } from './upload'
import { ASKED_ONCE, KEPT_MS } from './usePredictions'

/** The advice for a photo whose answer is shown already. Undefined until it is there, or if the server cannot give it now. */
export function useAdvice(result: PhotoPrediction | null): Advice | null | undefined {
  // A query that waits for nothing would keep the program that renders the first screen from ending.
  const asked = result !== null && canBeAdvised(result.prediction) ? [result] : []
  const [answer] = useQueries({
    queries: asked.map(({ prediction, sent }) => ({
      queryKey: ['advice', prediction.id],
      queryFn: ({ signal }: { signal: AbortSignal }) => ask(sent, signal),
      gcTime: KEPT_MS,
      ...ASKED_ONCE,
    })),
  })
  return answer?.data?.advice
}

/** Whether the server may know what would help: not where the photo stays on the device, and not where the answer is certain. */
function canBeAdvised({ verdict, on_device }: Prediction): boolean {
  return !on_device && verdict !== null && verdict.kind !== 'breed' && verdict.kind !== 'probably'
}

function ask(photo: Blob, signal: AbortSignal): Promise<PhotoAdvice> {
  const form = new FormData()
  form.append('image', photo, 'photo')
  return upload('/api/advice', form, { signal, onProgress: () => {} })
}

import type { ReactNode } from 'react'
import { useUploadRules } from '../../api/useUploadRules'
import { Answer } from '../../features/answer/Answer'
import { PrintedFacts } from '../../features/answer/PrintedFacts'
import { Feedback } from '../../features/feedback/Feedback'
import type { PhotoPrediction } from '../../features/prediction/photoState'

interface Props {
  result: PhotoPrediction
  fileName: string
  nextSteps: ReactNode
}

/** The answer to a photo, with a form for feedback. */
export default function NewAnswer({ result, fileName, nextSteps }: Props) {
  const { prediction, sent } = result
  const canStorePhotos = useUploadRules()?.keeps_photos
  return (
    <Answer
      prediction={prediction}
      isStored={prediction.stored}
      fileNames={[fileName]}
      photo={{ bytes: sent, name: fileName }}
      nextSteps={nextSteps}
    >
      <PrintedFacts model={prediction.model} />
      {prediction.stored && (
        <Feedback
          id={prediction.id}
          secret={prediction.secret}
          breeds={prediction.probabilities}
          photo={canStorePhotos ? { sent, name: fileName } : undefined}
        />
      )}
    </Answer>
  )
}

import { Answer } from '../answer/Answer'
import { Feedback } from '../feedback/Feedback'
import { useBreedChoices } from '../model/useBreedChoices'
import { useShortlistCoverage } from '../model/useShortlistCoverage'
import type { Answered } from './types'
import { useUploadRules } from './useUploadRules'

/** An answer that was just given, and the question whether it was right. */
export function GivenAnswer({ answered, name }: { answered: Answered; name: string }) {
  const { prediction, sent } = answered
  const choices = useBreedChoices(prediction.probabilities)
  const coverage = useShortlistCoverage(prediction)
  const keepsPhotos = useUploadRules()?.keeps_photos
  return (
    <Answer answer={prediction} isStored={prediction.stored} shortlistCoverage={coverage} fileName={name}>
      {prediction.stored && (
        <Feedback id={prediction.id} choices={choices} photo={keepsPhotos ? { sent, name } : undefined} />
      )}
    </Answer>
  )
}

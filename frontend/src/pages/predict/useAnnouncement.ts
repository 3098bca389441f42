import { useTranslation } from 'react-i18next'
import type { Conclusion } from '../../api/types'
import { useHeadline } from '../../features/answer/useHeadline'
import type { DogAnswers, DogState, PhotoPrediction, PhotoState } from '../../features/prediction/photoState'

/** The text that screen readers announce when the state changes of what is shown: one photo, or several of one dog. */
export function useAnnouncement(state: PhotoState | DogState | null | undefined): string {
  const { t } = useTranslation()
  const headlineOf = useHeadline()
  switch (state?.step) {
    case 'sending':
      return t('progress.sendingNow')
    case 'predicting':
      return t('progress.predicting')
    case 'answered': {
      const conclusion = conclusionOf(state.result)
      return conclusion ? headlineOf(conclusion).line : t('dog.noneAnswered')
    }
    default:
      return ''
  }
}

function conclusionOf(result: PhotoPrediction | DogAnswers): Conclusion | null {
  return 'dog' in result ? result.dog : result.prediction
}

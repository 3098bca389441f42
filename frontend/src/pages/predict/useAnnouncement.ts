import { useTranslation } from 'react-i18next'
import { useHeadline } from '../../features/answer/useHeadline'
import type { PhotoState } from '../../features/prediction/photoState'

/** The text that screen readers announce when the state of the photo changes. */
export function useAnnouncement(state: PhotoState | undefined): string {
  const { t } = useTranslation()
  const headlineOf = useHeadline()
  switch (state?.step) {
    case 'sending':
      return t('progress.sendingNow')
    case 'predicting':
      return t('progress.predicting')
    case 'answered':
      return headlineOf(state.result.prediction).line
    default:
      return ''
  }
}

import { useTranslation } from 'react-i18next'
import type { Prediction } from '../../api/types'
import type { Photo } from '../../components/photo'
import { useNumberFormat } from '../../components/useNumberFormat'
import styles from './PhotoQueue.module.css'
import type { PhotoState } from './photoState'

interface Props {
  photos: Photo[]
  states: (PhotoState | undefined)[]
  shownId: number | undefined
  onShow: (id: number) => void
  /** A prediction in a few words. */
  summaryOf: (prediction: Prediction) => string
}

/** Several photos, each with its own progress. A click shows the photo. */
export function PhotoQueue({ photos, states, shownId, onShow, summaryOf }: Props) {
  const { t } = useTranslation()
  return (
    <ul className={styles.queue} aria-label={t('photo.queue')}>
      {photos.map((photo, index) => (
        <li key={photo.id}>
          <button
            type="button"
            className={styles.item}
            aria-current={photo.id === shownId}
            data-step={states[index]?.step}
            onClick={() => onShow(photo.id)}
          >
            <Thumbnail photo={photo} state={states[index]} />
            <Caption name={photo.file.name} state={states[index]} summaryOf={summaryOf} />
          </button>
        </li>
      ))}
    </ul>
  )
}

function Thumbnail({ photo, state }: { photo: Photo; state: PhotoState | undefined }) {
  const preview = state?.step === 'answered' ? state.result.prediction.preview : undefined
  const share = state?.step === 'sending' ? state.share : 1
  return (
    <span className={styles.thumbnail}>
      <img src={preview ?? photo.url} alt="" />
      {state?.step === 'sending' && <span className={styles.progress} style={{ transform: `scaleX(${share})` }} />}
    </span>
  )
}

interface CaptionProps {
  name: string
  state: PhotoState | undefined
  summaryOf: Props['summaryOf']
}

function Caption({ name, state, summaryOf }: CaptionProps) {
  const { t } = useTranslation()
  const { wholePercent } = useNumberFormat()
  const status = (): string => {
    switch (state?.step) {
      case 'sending':
        return wholePercent(state.share)
      case 'predicting':
        return t('progress.predicting')
      case 'answered':
        return summaryOf(state.result.prediction)
      case 'failed':
        return t('problem.title')
      default:
        return t('progress.queued')
    }
  }
  return (
    <span className={styles.caption}>
      <span className={styles.file}>{name}</span>
      <span className={styles.status}>{status()}</span>
    </span>
  )
}

import { UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useFigures } from '../../components/useFigures'
import { useHeadline } from '../answer/useHeadline'
import styles from './Queue.module.css'
import type { Photo, PhotoState } from './types'

interface Props {
  photos: Photo[]
  states: PhotoState[]
  shownId: number | undefined
  onShow: (id: number) => void
}

/** Several photos, each with its own progress; the one that is pressed is shown. */
export function Queue({ photos, states, shownId, onShow }: Props) {
  const { t } = useTranslation()
  return (
    <ul className={styles.queue} aria-label={t('photo.queue')}>
      {photos.map((photo, index) => (
        <li key={photo.id}>
          <UnstyledButton
            className={styles.item}
            aria-current={photo.id === shownId}
            data-step={states[index]?.step}
            onClick={() => onShow(photo.id)}
          >
            <Thumbnail photo={photo} state={states[index]} />
            <Caption name={photo.file.name} state={states[index]} />
          </UnstyledButton>
        </li>
      ))}
    </ul>
  )
}

function Thumbnail({ photo, state }: { photo: Photo; state: PhotoState | undefined }) {
  const preview = state?.step === 'answered' ? state.answered.prediction.preview : undefined
  const share = state?.step === 'sending' ? state.share : 1
  return (
    <span className={styles.thumbnail}>
      <img src={preview ?? photo.url} alt="" />
      {state?.step === 'sending' && <span className={styles.progress} style={{ transform: `scaleX(${share})` }} />}
    </span>
  )
}

function Caption({ name, state }: { name: string; state: PhotoState | undefined }) {
  const { t } = useTranslation()
  const { roughly } = useFigures()
  const headline = useHeadline()
  const status = (): string => {
    switch (state?.step) {
      case 'sending':
        return roughly(state.share)
      case 'looking':
        return t('waiting.looking')
      case 'answered':
        return headline(state.answered.prediction).short
      case 'failed':
        return t('problem.title')
      default:
        return t('waiting.queued')
    }
  }
  return (
    <span className={styles.caption}>
      <span className={styles.file}>{name}</span>
      <span className={styles.status}>{status()}</span>
    </span>
  )
}

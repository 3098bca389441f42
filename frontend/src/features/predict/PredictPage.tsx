import { VisuallyHidden } from '@mantine/core'
import { useCallback, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError, NetworkError } from '../../api/errors'
import { Problem } from '../../components/Problem'
import { useHeadline } from '../answer/useHeadline'
import { DropOverlay } from './DropOverlay'
import { GivenAnswer } from './GivenAnswer'
import { Introduction } from './Introduction'
import styles from './PredictPage.module.css'
import { Queue } from './Queue'
import { Refusals } from './Refusals'
import { Stage } from './Stage'
import type { PhotoState } from './types'
import { usePaste } from './usePaste'
import { usePhotos } from './usePhotos'
import { usePredictions } from './usePredictions'
import { useShared } from './useShared'
import { Waiting } from './Waiting'

interface Props {
  /** Elsewhere on the site it is only listened for photos. */
  isShown: boolean
  onPhotos: () => void
}

export function PredictPage({ isShown, onPhotos }: Props) {
  const { t } = useTranslation()
  const { photos, shown, refusals, leftOut, offer, show } = usePhotos()
  const states = usePredictions(photos)
  const state = shown && states[photos.indexOf(shown)]
  const panel = useRef<HTMLElement>(null)
  const announcement = useAnnouncement(state)

  const take = useCallback(
    (files: File[]) => {
      onPhotos()
      offer(files)
    },
    [offer, onPhotos],
  )
  usePaste(take)
  const isSharedLost = useShared(take)

  const tryAgain = (askAgain: () => void) => () => {
    panel.current?.focus({ preventScroll: true }) // the button that had the focus is about to go
    askAgain()
  }

  const isRefused = refusals.length > 0 || leftOut > 0
  return (
    <main
      className={styles.main}
      data-photo={shown !== undefined}
      hidden={!isShown}
      id={isShown ? 'content' : undefined}
    >
      <h1 className={styles.question}>{t('introduction.question')}</h1>
      <div className={styles.photos}>
        <Stage photo={shown} state={state} onFiles={take} />
        {photos.length > 1 && <Queue photos={photos} states={states} shownId={shown?.id} onShow={show} />}
      </div>
      <section
        ref={panel}
        className={styles.panel}
        tabIndex={-1}
        aria-label={t('answer.region')}
        aria-busy={state && state.step !== 'answered' && state.step !== 'failed'}
      >
        {isRefused && <Refusals refusals={refusals} leftOut={leftOut} />}
        {!shown &&
          !isRefused &&
          (isSharedLost ? <Problem title={t('shared.lost')} details={[t('shared.chooseHere')]} /> : <Introduction />)}
        {state && state.step !== 'answered' && state.step !== 'failed' && <Waiting state={state} />}
        {state?.step === 'failed' && (!isRefused || photos.length > 1) && (
          <Problem
            title={t('problem.title')}
            error={state.error}
            details={isOffline(state.error) ? [t('problem.offlinePhoto')] : []}
            onTryAgain={isWorthAnotherTry(state.error) ? tryAgain(state.askAgain) : undefined}
          />
        )}
        {shown && state?.step === 'answered' && (
          <GivenAnswer key={state.answered.prediction.id} answered={state.answered} name={shown.file.name} />
        )}
      </section>
      <VisuallyHidden role="status">{announcement}</VisuallyHidden>
      <DropOverlay onFiles={take} />
    </main>
  )
}

function isOffline(error: Error): boolean {
  return error instanceof NetworkError && !navigator.onLine
}

/** A photo that was refused is refused again. */
function isWorthAnotherTry(error: Error): boolean {
  return !(error instanceof ApiError) || error.status >= 500 || error.status === 429
}

/** What a screen reader says. */
function useAnnouncement(state: PhotoState | undefined): string {
  const { t } = useTranslation()
  const headline = useHeadline()
  switch (state?.step) {
    case 'sending':
      return t('waiting.sendingNow')
    case 'looking':
      return t('waiting.looking')
    case 'answered':
      return headline(state.answered.prediction).line
    default:
      return ''
  }
}

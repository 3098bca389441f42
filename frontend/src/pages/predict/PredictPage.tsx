import { lazy, useCallback, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError, NetworkError } from '../../api/errors'
import { ErrorAlert } from '../../components/ErrorAlert'
import { LazyPart } from '../../components/LazyPart'
import { useHeadline } from '../../features/answer/useHeadline'
import { saveEntry } from '../../features/history/store'
import { DropOverlay } from '../../features/photos/DropOverlay'
import { PhotoFrame } from '../../features/photos/PhotoFrame'
import { RejectedFiles } from '../../features/photos/RejectedFiles'
import { takePhotos } from '../../features/photos/photoIntake'
import { usePhotos } from '../../features/photos/usePhotos'
import { useSharedPhotos } from '../../features/photos/useSharedPhotos'
import { PhotoQueue } from '../../features/prediction/PhotoQueue'
import { isInProgress, type PhotoPrediction } from '../../features/prediction/photoState'
import { PredictionProgress } from '../../features/prediction/PredictionProgress'
import { usePredictions } from '../../features/prediction/usePredictions'
import { Introduction } from './Introduction'
import styles from './PredictPage.module.css'
import { useAnnouncement } from './useAnnouncement'

// What only an answer needs is loaded after the first screen.
const NewAnswer = lazy(() => import('./NewAnswer'))
const WhyThisAnswer = lazy(() => import('../../features/answer/WhyThisAnswer'))

interface Props {
  /** While another page is shown, this one stays mounted and only waits for photos. */
  isShown: boolean
  onPhotos: () => void
}

const saveResult = (fileName: string, result: PhotoPrediction) => void saveEntry(fileName, result)

export function PredictPage({ isShown, onPhotos }: Props) {
  const { t } = useTranslation()
  const headlineOf = useHeadline()
  const { photos, shown, rejections, tooMany, addFiles, show } = usePhotos()
  const states = usePredictions(photos, saveResult)
  const state = shown && states[photos.indexOf(shown)]
  const panel = useRef<HTMLElement>(null)
  const announcement = useAnnouncement(state)

  const onFiles = useCallback(
    (files: File[]) => {
      onPhotos()
      addFiles(files)
    },
    [addFiles, onPhotos],
  )
  useEffect(() => takePhotos(onFiles), [onFiles])
  const isSharedPhotoLost = useSharedPhotos(onFiles)

  const tryAgain = state?.step === 'failed' ? state.tryAgain : undefined
  const onTryAgain = () => {
    panel.current?.focus({ preventScroll: true }) // the focused button is about to disappear
    tryAgain?.()
  }

  const isRejected = rejections.length > 0 || tooMany > 0
  const prediction = state?.step === 'answered' ? state.result.prediction : undefined
  const explanation = prediction?.explanation
  return (
    <main
      className={styles.main}
      data-photo={shown !== undefined}
      hidden={!isShown}
      id={isShown ? 'content' : undefined}
    >
      <h1 className={styles.question}>{t('introduction.question')}</h1>
      <div className={styles.photos}>
        <PhotoFrame
          photo={shown}
          isBusy={isInProgress(state)}
          serverPreview={prediction?.preview}
          overlay={
            explanation
              ? (image) => (
                  <LazyPart>
                    <WhyThisAnswer explanation={explanation} image={image} />
                  </LazyPart>
                )
              : undefined
          }
        />
        {photos.length > 1 && (
          <PhotoQueue
            photos={photos}
            states={states}
            shownId={shown?.id}
            onShow={show}
            summaryOf={(result) => headlineOf(result).short}
          />
        )}
      </div>
      <section
        ref={panel}
        className={styles.panel}
        tabIndex={-1}
        aria-label={t('answer.region')}
        aria-busy={isInProgress(state)}
      >
        {isRejected && <RejectedFiles rejections={rejections} tooMany={tooMany} />}
        {!shown &&
          !isRejected &&
          (isSharedPhotoLost ? (
            <ErrorAlert title={t('shared.lost')} details={[t('shared.chooseHere')]} />
          ) : (
            <Introduction />
          ))}
        {isInProgress(state) && <PredictionProgress state={state} />}
        {state?.step === 'failed' && (!isRejected || photos.length > 1) && (
          <ErrorAlert
            title={t('problem.title')}
            error={state.error}
            details={isOffline(state.error) ? [t('problem.offlinePhoto')] : []}
            onTryAgain={canTryAgain(state.error) ? onTryAgain : undefined}
          />
        )}
        {shown && state?.step === 'answered' && (
          <LazyPart key={state.result.prediction.id} fallback={<PredictionProgress state={{ step: 'predicting' }} />}>
            <NewAnswer result={state.result} fileName={shown.file.name} />
          </LazyPart>
        )}
      </section>
      <div role="status" className={styles.announcement}>
        {announcement}
      </div>
      <DropOverlay />
    </main>
  )
}

function isOffline(error: Error): boolean {
  return error instanceof NetworkError && !navigator.onLine
}

/** The server would reject the same photo again, unless the error was its own or there were too many requests. */
function canTryAgain(error: Error): boolean {
  return !(error instanceof ApiError) || error.status >= 500 || error.status === 429
}

import { VisuallyHidden } from '@mantine/core'
import { useCallback, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError, DeviceError, NetworkError } from '../../api/errors'
import { ErrorAlert } from '../../components/ErrorAlert'
import { useHeadline } from '../../features/answer/useHeadline'
import { WhyThisAnswer } from '../../features/answer/WhyThisAnswer'
import { saveEntry } from '../../features/history/store'
import { DropOverlay } from '../../features/photos/DropOverlay'
import { PhotoFrame } from '../../features/photos/PhotoFrame'
import { RejectedFiles } from '../../features/photos/RejectedFiles'
import { usePaste } from '../../features/photos/usePaste'
import { usePhotos } from '../../features/photos/usePhotos'
import { useSharedPhotos } from '../../features/photos/useSharedPhotos'
import { PhotoQueue } from '../../features/prediction/PhotoQueue'
import { isInProgress, type PhotoPrediction } from '../../features/prediction/photoState'
import { PredictionProgress } from '../../features/prediction/PredictionProgress'
import { usePredictions, type OnDevice } from '../../features/prediction/usePredictions'
import { PrivateMode } from '../../features/private/PrivateMode'
import { answerHere, choosePrivate, isDownloaded, isPrivate, prepare } from '../../features/private/privateMode'
import { Introduction } from './Introduction'
import { NewAnswer } from './NewAnswer'
import styles from './PredictPage.module.css'
import { useAnnouncement } from './useAnnouncement'

interface Props {
  /** While another page is shown, this one stays mounted and only waits for photos. */
  isShown: boolean
  onPhotos: () => void
}

const ON_DEVICE: OnDevice = { isChosen: isPrivate, prepare, answer: answerHere }
const saveResult = (fileName: string, result: PhotoPrediction) => void saveEntry(fileName, result)

export function PredictPage({ isShown, onPhotos }: Props) {
  const { t } = useTranslation()
  const headlineOf = useHeadline()
  const { photos, shown, rejections, tooMany, addFiles, show } = usePhotos()
  const states = usePredictions(photos, saveResult, ON_DEVICE)
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
  usePaste(onFiles)
  const isSharedPhotoLost = useSharedPhotos(onFiles)

  const tryAgain = state?.step === 'failed' ? state.tryAgain : undefined
  const onTryAgain = () => {
    panel.current?.focus({ preventScroll: true }) // the focused button is about to disappear
    tryAgain?.()
  }
  const onAnswerHere = () => {
    choosePrivate(true)
    onTryAgain()
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
          onFiles={onFiles}
          overlay={explanation ? (image) => <WhyThisAnswer explanation={explanation} image={image} /> : undefined}
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
        <PrivateMode hidesError={state !== undefined && state.step !== 'answered'} />
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
            otherWay={
              helpsPrivateMode(state.error) ? { label: t('private.answerHere'), onChoose: onAnswerHere } : undefined
            }
          />
        )}
        {shown && state?.step === 'answered' && (
          <NewAnswer key={state.result.prediction.id} result={state.result} fileName={shown.file.name} />
        )}
      </section>
      <VisuallyHidden role="status">{announcement}</VisuallyHidden>
      <DropOverlay onFiles={onFiles} />
    </main>
  )
}

function isOffline(error: Error): boolean {
  return error instanceof NetworkError && !navigator.onLine
}

/** Whether this device can answer while the server cannot: at once, or after a download from a server that is only busy. */
function helpsPrivateMode(error: Error): boolean {
  if (isPrivate()) return false
  if (error instanceof NetworkError) return isDownloaded()
  return error instanceof ApiError && (error.status >= 500 || error.status === 429)
}

/** The server would reject the same photo again, unless the error was its own or there were too many requests. */
function canTryAgain(error: Error): boolean {
  if (error instanceof DeviceError) return error.code !== 'unsupported' && error.code !== 'photo'
  return !(error instanceof ApiError) || error.status >= 500 || error.status === 429
}

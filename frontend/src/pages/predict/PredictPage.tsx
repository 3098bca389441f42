import { lazy, useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError, DeviceError, NetworkError } from '../../api/errors'
import { Button } from '../../components/Button'
import { ErrorAlert } from '../../components/ErrorAlert'
import { LazyPart } from '../../components/LazyPart'
import { VisuallyHidden } from '../../components/VisuallyHidden'
import { saveEntry } from '../../features/history/store'
import { DropOverlay } from '../../features/photos/DropOverlay'
import { PhotoFrame } from '../../features/photos/PhotoFrame'
import { roomInDog, showingDog } from '../../features/photos/photoSet'
import { RejectedFiles } from '../../features/photos/RejectedFiles'
import { takePhotos } from '../../features/photos/photoIntake'
import { usePhotos } from '../../features/photos/usePhotos'
import { useSharedPhotos } from '../../features/photos/useSharedPhotos'
import { isInProgress, type PhotoPrediction } from '../../features/prediction/photoState'
import { PredictionProgress } from '../../features/prediction/PredictionProgress'
import { useAdvice } from '../../features/prediction/useAdvice'
import type { OnDevice } from '../../features/prediction/usePredictions'
import { PrivateMode } from '../../features/private/PrivateMode'
import { answerHere, choosePrivate, isDownloaded, isPrivate, prepare } from '../../features/private/privateMode'
import { usePrivateMode } from '../../features/private/usePrivateMode'
import { Introduction } from './Introduction'
import { PhotoChoice } from './PhotoChoice'
import styles from './PredictPage.module.css'
import { useAnnouncement } from './useAnnouncement'
import { useAnswers } from './useAnswers'

// What only an answer needs is loaded after the first screen.
const CropFrame = lazy(() => import('../../features/crop/CropFrame'))
const DogAnswer = lazy(() => import('./DogAnswer'))
const NewAnswer = lazy(() => import('./NewAnswer'))
const NextSteps = lazy(() => import('./NextSteps'))
const WhyThisAnswer = lazy(() => import('../../features/answer/WhyThisAnswer'))

interface Props {
  /** While another page is shown, this one stays mounted and only waits for photos. */
  isShown: boolean
  onPhotos: () => void
}

const ON_DEVICE: OnDevice = { isChosen: isPrivate, prepare, answer: answerHere }
const saveResult = (fileName: string, result: PhotoPrediction) => void saveEntry(fileName, result)

export function PredictPage({ isShown, onPhotos }: Props) {
  const { t } = useTranslation()
  const { set, shown, rejections, tooMany, addFiles, addToDog, addPart, change } = usePhotos()
  const { photos } = set
  const { isChosen: isPrivateMode } = usePrivateMode()
  const { dogPhotos, dog, stateOf } = useAnswers(set, saveResult, ON_DEVICE, isPrivateMode)
  const shownDog = set.isDogShown ? dog : null
  const shownState = shown && stateOf(shown)
  const state = shownDog ?? shownState
  const panel = useRef<HTMLElement>(null)
  const announcement = useAnnouncement(state)
  const [croppedId, setCroppedId] = useState<number | null>(null)

  const onFiles = useCallback(
    (files: File[]) => {
      onPhotos()
      addFiles(files)
    },
    [addFiles, onPhotos],
  )
  const onMoreOfDog = !isPrivateMode && roomInDog(set) > 0 ? addToDog : undefined
  useEffect(() => takePhotos((files, isMoreOfDog) => (isMoreOfDog && onMoreOfDog ? onMoreOfDog : onFiles)(files)))
  const isSharedPhotoLost = useSharedPhotos(onFiles)

  const tryAgain = state?.step === 'failed' ? state.tryAgain : undefined
  /** Moves the focus to the answer, because the focused button is about to disappear. */
  const focusAnswer = () => panel.current?.focus({ preventScroll: true })
  const onTryAgain = () => {
    focusAnswer()
    tryAgain?.()
  }
  const changeSet: typeof change = (next) => {
    focusAnswer()
    change(next)
  }
  const onUsePart = (part: File) => {
    if (shown) addPart(shown.id, part)
    setCroppedId(null)
    focusAnswer()
  }
  const onCancelCrop = () => {
    setCroppedId(null)
    focusAnswer()
  }
  const onAnswerHere = () => {
    choosePrivate(true)
    onTryAgain()
  }

  const isRejected = rejections.length > 0 || tooMany !== null
  const prediction = shownState?.step === 'answered' ? shownState.result.prediction : undefined
  const advice = useAdvice(shownDog || shownState?.step !== 'answered' ? null : shownState.result)
  const isCropping = shown !== undefined && croppedId === shown.id
  const explanation = shownDog || isCropping ? null : prediction?.explanation
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
          cover={
            isCropping ? (
              <LazyPart>
                <CropFrame photo={shown} suggested={advice?.frame ?? null} onUse={onUsePart} onCancel={onCancelCrop} />
              </LazyPart>
            ) : undefined
          }
        />
        {photos.length > 1 && (
          <PhotoChoice set={set} stateOf={stateOf} onChange={change} canBeOneDog={!isPrivateMode} />
        )}
        <PrivateMode hidesError={state !== undefined && state.step !== 'answered'} isCompact={shown !== undefined} />
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
        {dog && !shownDog && (
          <Button variant="default" className={styles.back} onClick={() => changeSet(showingDog)}>
            {t('dog.back', { count: dogPhotos.length })}
          </Button>
        )}
        {isInProgress(state) && <PredictionProgress state={state} count={shownDog ? dogPhotos.length : 1} />}
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
        {shownDog?.step === 'answered' && (
          <LazyPart fallback={<PredictionProgress state={{ step: 'predicting' }} />}>
            <DogAnswer
              result={shownDog.result}
              photos={dogPhotos}
              set={set}
              stateOf={stateOf}
              nextSteps={<NextSteps onMoreOfDog={onMoreOfDog} />}
              onChange={changeSet}
            />
          </LazyPart>
        )}
        {!shownDog && shown && shownState?.step === 'answered' && (
          <LazyPart
            key={shownState.result.prediction.id}
            fallback={<PredictionProgress state={{ step: 'predicting' }} />}
          >
            <NewAnswer
              result={shownState.result}
              fileName={shown.file.name}
              nextSteps={
                <NextSteps
                  advice={advice}
                  // A photo with a preview from the server is one that this browser cannot decode.
                  onCrop={prediction?.preview ? undefined : () => setCroppedId(shown.id)}
                  onMoreOfDog={onMoreOfDog}
                />
              }
            />
          </LazyPart>
        )}
      </section>
      <VisuallyHidden role="status">{announcement}</VisuallyHidden>
      <DropOverlay canAddToDog={onMoreOfDog !== undefined} />
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

import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Photo } from '../../components/photo'
import { ErrorAlert } from '../../components/ErrorAlert'
import { useErrorMessage } from '../../components/useErrorMessage'
import { Answer } from '../../features/answer/Answer'
import { useHeadline } from '../../features/answer/useHeadline'
import { useProbabilityFormat } from '../../features/answer/useProbabilityFormat'
import { PhotoShares, type PhotoRow } from '../../features/dog/PhotoShares'
import { useShareText } from '../../features/dog/useShareText'
import { showing, withApart, without, withoutApart, type PhotoSet } from '../../features/photos/photoSet'
import type { DogAnswers, PhotoState } from '../../features/prediction/photoState'
import styles from './DogAnswer.module.css'

interface Props {
  result: DogAnswers
  /** The photos that were answered together, in the order of the answers. */
  photos: Photo[]
  set: PhotoSet
  stateOf: (photo: Photo) => PhotoState | undefined
  nextSteps: ReactNode
  onChange: (change: (set: PhotoSet) => PhotoSet) => void
}

/** The answer for a dog from several photos, and what each photo adds to it. */
export default function DogAnswer({ result, photos, set, stateOf, nextSteps, onChange }: Props) {
  const { t } = useTranslation()
  const rowOf = useRow(result, photos, stateOf)
  const rows = [...photos, ...set.photos.filter(({ id }) => set.apartIds.includes(id))].map(rowOf)
  const { dog } = result
  const shares = (
    <PhotoShares
      rows={rows}
      onShow={(id) => {
        onChange((now) => showing(now, id))
        document.documentElement.scrollTop = 0 // the photo is at the top
      }}
      onRemove={(id) => onChange((now) => without(now, id))}
      onKeepApart={(id) => onChange((now) => withApart(now, id))}
      onCount={(id) => onChange((now) => withoutApart(now, id))}
    />
  )
  if (!dog) {
    return (
      <>
        <ErrorAlert title={t('problem.title')} details={[t('dog.noneAnswered')]} />
        {nextSteps}
        {shares}
      </>
    )
  }
  const counted = dog.photos.filter(({ agrees }) => agrees).length
  return (
    <>
      <p className={styles.from}>{t('dog.from', { count: counted })}</p>
      <Answer prediction={dog} isStored={false} fileNames={photos.map(({ file }) => file.name)} nextSteps={nextSteps}>
        {shares}
      </Answer>
    </>
  )
}

/** Describes a photo: its own answer, and what it adds to the answer for the dog. */
function useRow({ dog }: DogAnswers, photos: Photo[], stateOf: Props['stateOf']): (photo: Photo) => PhotoRow {
  const { t } = useTranslation()
  const headlineOf = useHeadline()
  const shareText = useShareText(useProbabilityFormat())
  const errorMessage = useErrorMessage()

  const summaryOf = (state: PhotoState | undefined): string => {
    if (state?.step === 'answered') return headlineOf(state.result.prediction).short
    return state?.step === 'failed' ? errorMessage(state.error) : t('progress.predicting')
  }
  return (photo) => {
    const state = stateOf(photo)
    const position = photos.indexOf(photo)
    const share = dog?.photos.find((row) => row.photo === position)
    const isApart = position < 0
    return {
      id: photo.id,
      name: photo.file.name,
      picture: (state?.step === 'answered' && state.result.prediction.preview) || photo.url,
      summary: summaryOf(state),
      isAnswered: state?.step !== 'failed',
      sentences: isApart ? [t('dog.apart')] : share && dog ? shareText(share, dog) : [],
      isDoubtful: share?.agrees === false,
      isApart,
    }
  }
}

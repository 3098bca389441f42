import type { Photo } from '../../components/photo'
import { useHeadline } from '../../features/answer/useHeadline'
import { SameDogChoice } from '../../features/dog/SameDogChoice'
import { MAX_PHOTOS_OF_DOG, photosOfDog, showing, withOneDog, type PhotoSet } from '../../features/photos/photoSet'
import { PhotoQueue } from '../../features/prediction/PhotoQueue'
import type { PhotoState } from '../../features/prediction/photoState'

interface Props {
  set: PhotoSet
  stateOf: (photo: Photo) => PhotoState | undefined
  onChange: (change: (set: PhotoSet) => PhotoSet) => void
  /** Whether photos of one dog can be answered together. */
  canBeOneDog: boolean
}

/** Several photos: whether they show one dog, and which one is shown. */
export function PhotoChoice({ set, stateOf, onChange, canBeOneDog }: Props) {
  const headlineOf = useHeadline()
  const { photos, shownId, isDogShown } = set
  const isOneDog = canBeOneDog && photosOfDog(set).length > 0
  return (
    <>
      {canBeOneDog && (
        <SameDogChoice
          isOneDog={isOneDog}
          limit={photos.length > MAX_PHOTOS_OF_DOG ? MAX_PHOTOS_OF_DOG : null}
          onChange={(isOneDog) => onChange((now) => withOneDog(now, isOneDog))}
        />
      )}
      <PhotoQueue
        photos={photos}
        states={photos.map(stateOf)}
        shownId={isOneDog && isDogShown ? undefined : shownId}
        onShow={(id) => onChange((now) => showing(now, id))}
        summaryOf={(prediction) => headlineOf(prediction).short}
      />
    </>
  )
}

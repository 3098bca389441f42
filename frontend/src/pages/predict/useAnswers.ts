import type { Photo } from '../../components/photo'
import { photosOfDog, type PhotoSet } from '../../features/photos/photoSet'
import type { DogState, PhotoPrediction, PhotoState } from '../../features/prediction/photoState'
import { useDogPrediction } from '../../features/prediction/useDogPrediction'
import { usePredictions, type OnDevice } from '../../features/prediction/usePredictions'

interface Answers {
  /** The photos that are answered together. */
  dogPhotos: Photo[]
  /** The answer to them, if there are any. */
  dog: DogState | null
  /** The answer to a photo. */
  stateOf: (photo: Photo) => PhotoState | undefined
}

/**
 * The answers to all photos: photos of one dog are sent together, the others one by one. In private mode each photo is
 * answered by itself: only the server combines answers.
 */
export function useAnswers(
  set: PhotoSet,
  onPrediction: (fileName: string, result: PhotoPrediction) => void,
  onDevice: OnDevice,
  isPrivate: boolean,
): Answers {
  const dogPhotos = isPrivate ? [] : photosOfDog(set)
  const others = set.photos.filter((photo) => !dogPhotos.includes(photo))
  const otherStates = usePredictions(others, onPrediction, onDevice)
  const { dog, states } = useDogPrediction(dogPhotos, onPrediction)
  const stateOf = (photo: Photo) => states[dogPhotos.indexOf(photo)] ?? otherStates[others.indexOf(photo)]
  return { dogPhotos, dog, stateOf }
}

import { useTranslation } from 'react-i18next'
import type { Dog, DogPhoto } from '../../api/types'
import { useNumberFormat } from '../../components/useNumberFormat'

/** From this weight on, a photo counts as much as an independent one. */
const FULL_WEIGHT = 0.95

/** Describes how much a photo counts, and how certain the answer would be without it. */
export function useShareText(percent: (probability: number) => string) {
  const { t } = useTranslation()
  const { wholePercent } = useNumberFormat()

  /** The position of a photo that is nearly the same. */
  const twinOf = (share: DogPhoto, dog: Dog): number | undefined =>
    share.duplicate_of ?? dog.photos.find(({ duplicate_of }) => duplicate_of === share.photo)?.photo

  const weightOf = (share: DogPhoto, dog: Dog): string => {
    const twin = twinOf(share, dog)
    if (twin !== undefined) return t('dog.sameAs', { number: twin + 1 })
    return share.weight >= FULL_WEIGHT ? t('dog.full') : t('dog.partly', { share: wholePercent(share.weight) })
  }

  return (share: DogPhoto, dog: Dog): string[] => {
    if (!share.agrees) return [t('dog.doubtful')]
    if (share.without === null) return [weightOf(share, dog)]
    const [now, without] = [percent(dog.probability), percent(share.without)]
    return [weightOf(share, dog), now === without ? t('dog.unchanged', { now }) : t('dog.without', { now, without })]
  }
}

import { useTranslation } from 'react-i18next'
import type { Conclusion, Verdict } from '../../api/types'
import { useBreedName } from '../../components/useBreedName'
import { useNumberFormat } from '../../components/useNumberFormat'
import { certaintyOf } from './probability'
import { useProbabilityFormat } from './useProbabilityFormat'

export interface Headline {
  lead: string
  heading: string
  /** 0..1, or null if the heading has no probability. */
  probability: number | null
  details: string[]
  /** The heading in a few words, for lists. */
  shortHeading: string
  /** The answer in a few words, for lists: the short heading and the probability. */
  short: string
  /** The answer in one line, for screen readers and the clipboard. */
  line: string
}

/** Answers in a history on the device may be older than the six kinds. */
export function kindOf(verdict: Partial<Verdict> & Pick<Verdict, 'level'>): Verdict['kind'] {
  return verdict.kind ?? verdict.level
}

type HeadlineParts = Omit<Headline, 'line' | 'short'>

/** The headline of an answer. It states no more than the verdict allows. */
export function useHeadline(): (prediction: Conclusion) => Headline {
  const { t, i18n } = useTranslation()
  const nameOf = useBreedName()
  const percent = useProbabilityFormat()
  const { count } = useNumberFormat()
  const listOf = (breeds: Verdict['breeds']) =>
    new Intl.ListFormat(i18n.language, { type: 'disjunction' }).format(breeds.map(nameOf))

  /** How often verdicts of this kind were right, where the model says so. */
  const howOftenRight = ({ measured }: Verdict): string[] =>
    measured ? [t('verdict.measured', { right: count(measured.right), photos: count(measured.photos) })] : []

  /** Which of the named breeds were taught from a few photos. Answers on the device may be older than this field. */
  const taughtFrom = ({ taught, breeds }: Partial<Pick<Verdict, 'taught'>> & Pick<Verdict, 'breeds'>): string[] =>
    (taught ?? []).map((breed) =>
      breeds.length === 1
        ? t('verdict.taught', { photos: count(breed.photos) })
        : t('verdict.taughtOneOf', { name: nameOf(breed), photos: count(breed.photos) }),
    )

  const breedHeadline = (prediction: Conclusion): HeadlineParts => {
    const certainty = certaintyOf(prediction.probability)
    return {
      lead: certainty === 'low' ? t('certainty.lowLead') : t(`certainty.${certainty}`),
      heading: nameOf(prediction),
      probability: prediction.probability,
      details: [],
      shortHeading: nameOf(prediction),
    }
  }

  const verdictHeadline = (prediction: Conclusion, verdict: Verdict): HeadlineParts => {
    const parts = headlineOfKind(prediction, verdict)
    return { ...parts, details: [...taughtFrom(verdict), ...parts.details] }
  }

  const headlineOfKind = (prediction: Conclusion, verdict: Verdict): HeadlineParts => {
    const similar = verdict.breeds.length > 0 ? [t('verdict.mostSimilar', { breeds: listOf(verdict.breeds) })] : []
    switch (kindOf(verdict)) {
      case 'breed':
        return { ...breedHeadline(prediction), lead: t('certainty.high'), details: howOftenRight(verdict) }
      case 'probably':
        return { ...breedHeadline(prediction), lead: t('certainty.good'), details: howOftenRight(verdict) }
      case 'one_of': {
        const heading = listOf(verdict.breeds)
        const { probability } = verdict
        return {
          lead: t('verdict.oneOf'),
          heading,
          probability,
          details: howOftenRight(verdict),
          shortHeading: heading,
        }
      }
      case 'group': {
        const heading = t(`verdict.groups.${verdict.group ?? 'wild'}`)
        const { probability } = verdict
        return { lead: t('verdict.looksLike'), heading, probability, details: similar, shortHeading: heading }
      }
      case 'uncertain': {
        const details = verdict.familiar ? similar : [...similar, t('verdict.unfamiliar')]
        const shortHeading = t('verdict.uncertainShort', { name: nameOf(prediction) })
        return { lead: '', heading: t('verdict.uncertain'), probability: null, details, shortHeading }
      }
      case 'not_a_dog': {
        const details = [t('verdict.ifItIs', { breeds: nameOf(prediction) })]
        const shortHeading = t('verdict.notADogShort')
        return { lead: '', heading: t('verdict.notADog'), probability: null, details, shortHeading }
      }
    }
  }

  return (prediction) => {
    const parts = prediction.verdict ? verdictHeadline(prediction, prediction.verdict) : breedHeadline(prediction)
    const { lead, heading, shortHeading, probability, details } = parts
    const answer = probability === null ? heading : `${heading} (${percent(probability)})`
    const line = [`${lead ? t('answer.line', { lead, answer }) : answer}.`, ...details].join(' ')
    const short = probability === null ? shortHeading : `${shortHeading}, ${percent(probability)}`
    return { ...parts, line, short }
  }
}

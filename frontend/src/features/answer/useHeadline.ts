import { useTranslation } from 'react-i18next'
import { useBreedName } from '../../components/useBreedName'
import type { AnyAnswer, Verdict } from './types'
import { usePercent } from './usePercent'
import { certainty } from './wording'

export interface Headline {
  lead: string
  heading: string
  /** 0..1, where one figure belongs to the heading. */
  probability: number | null
  details: string[]
  /** The answer in a few words, for lists. */
  short: string
  /** The answer in one line, to be read aloud or copied. */
  line: string
}

/** What is said of an answer first: as much as the verdict allows, and no more. */
export function useHeadline(): (answer: AnyAnswer) => Headline {
  const { t, i18n } = useTranslation()
  const nameOf = useBreedName()
  const percent = usePercent()
  const either = (breeds: Verdict['breeds']) =>
    new Intl.ListFormat(i18n.language, { type: 'disjunction' }).format(breeds.map(nameOf))

  const ofBreed = (answer: AnyAnswer): Omit<Headline, 'line'> => {
    const certain = certainty(answer.probability)
    return {
      lead: certain === 'low' ? t('certainty.lowLead') : t(`certainty.${certain}`),
      heading: nameOf(answer),
      probability: answer.probability,
      details: [],
      short: `${nameOf(answer)}, ${percent(answer.probability)}`,
    }
  }

  const ofVerdict = (answer: AnyAnswer, verdict: Verdict): Omit<Headline, 'line'> => {
    const resembles = verdict.breeds.length > 0 ? [t('verdict.resembles', { breeds: either(verdict.breeds) })] : []
    switch (verdict.level) {
      case 'group': {
        const heading = t(`verdict.groups.${verdict.group ?? 'wild'}`)
        return {
          lead: t('verdict.looksLike'),
          heading,
          probability: verdict.probability,
          details: resembles,
          short: heading,
        }
      }
      case 'uncertain': {
        const details = verdict.familiar ? resembles : [...resembles, t('verdict.unfamiliar')]
        const heading = t('verdict.uncertain')
        return { lead: '', heading, probability: null, details, short: `${heading}: ${nameOf(answer)}?` }
      }
      case 'not_a_dog': {
        const details = [t('verdict.ifItIs', { breeds: nameOf(answer) })]
        return { lead: '', heading: t('verdict.notADog'), probability: null, details, short: t('verdict.notADogShort') }
      }
      default:
        return ofBreed(answer)
    }
  }

  return (answer) => {
    const said = answer.verdict ? ofVerdict(answer, answer.verdict) : ofBreed(answer)
    const figure = said.probability === null ? '' : ` (${percent(said.probability)})`
    const line = [`${said.lead ? `${said.lead}: ` : ''}${said.heading}${figure}.`, ...said.details].join(' ')
    return { ...said, line }
  }
}

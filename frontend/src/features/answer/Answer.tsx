import { lazy, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Conclusion } from '../../api/types'
import { Disclosure } from '../../components/Disclosure'
import { AllBreeds } from './AllBreeds'
import styles from './Answer.module.css'
import { AnswerActions } from './AnswerActions'
import { BreedPhotos } from './BreedPhotos'
import { ForDevelopers } from './ForDevelopers'
import { LookAlikes } from './LookAlikes'
import type { SharedPhoto } from './share'
import { Shortlist } from './Shortlist'
import { kindOf, useHeadline } from './useHeadline'
import { useProbabilityFormat } from './useProbabilityFormat'
import { useShortlistCoverage } from './useShortlistCoverage'

const Compare = lazy(() => import('./Compare'))

interface Props {
  prediction: Conclusion
  isStored: boolean
  /** The photos' file names, for the curl command. */
  fileNames?: string[]
  /** The photo, to be shared with the answer. */
  photo?: SharedPhoto
  /** Shown below the headline: what the visitor can do for a better answer. */
  nextSteps?: ReactNode
  /** Shown after the breeds, for example a form for feedback. */
  children?: ReactNode
}

/** Whether another breed than the first is likely too. */
function hasAlternatives({ shortlist }: Conclusion): boolean {
  return shortlist === null || shortlist.length > 1
}

/** A list is of no use without a dog, or below a headline that names the same breeds. */
function showsShortlist({ shortlist, verdict }: Conclusion): boolean {
  if (!verdict) return true
  const kind = kindOf(verdict)
  const headline = kind === 'one_of' ? verdict.breeds.map(({ breed }) => breed) : []
  return kind !== 'not_a_dog' && !shortlist?.every(({ breed }) => headline.includes(breed))
}

export function Answer({ prediction, isStored, fileNames, photo, nextSteps, children }: Props) {
  const { t } = useTranslation()
  const percent = useProbabilityFormat()
  const shortlistCoverage = useShortlistCoverage(prediction)
  const { lead, heading, probability, details } = useHeadline()(prediction)
  const namesSeveral = prediction.verdict !== null && kindOf(prediction.verdict) === 'one_of'
  return (
    <div className={styles.answer}>
      <p className={styles.lead}>{lead}</p>
      <h2
        className={namesSeveral ? styles.headingOfSeveral : styles.heading}
        title={t('answer.label', { breed: prediction.breed })}
      >
        {heading}
      </h2>
      {probability !== null && (
        <p className={styles.probability}>
          <strong data-testid="probability">{percent(probability)}</strong> {t('answer.probability')}
        </p>
      )}
      {details.map((sentence) => (
        <p key={sentence} className={styles.detail}>
          {sentence}
        </p>
      ))}
      {nextSteps}
      <AnswerActions prediction={prediction} isStored={isStored} photo={photo} />
      {prediction.shortlist && showsShortlist(prediction) && (
        <Shortlist breeds={prediction.shortlist} coverage={shortlistCoverage} />
      )}
      {prediction.look_alikes && hasAlternatives(prediction) && <LookAlikes pair={prediction.look_alikes} />}
      {/* Asking for photos would tell the server the breed. */}
      {!prediction.on_device && <BreedPhotos prediction={prediction} />}
      <AllBreeds probabilities={prediction.probabilities} />
      {children}
      <div className={styles.more}>
        {prediction.probabilities.length > 1 && (
          <Disclosure title={t('answer.compare')}>
            <Compare probabilities={prediction.probabilities} />
          </Disclosure>
        )}
        <Disclosure title={t('answer.developers')}>
          <ForDevelopers prediction={prediction} fileNames={fileNames} />
        </Disclosure>
      </div>
    </div>
  )
}

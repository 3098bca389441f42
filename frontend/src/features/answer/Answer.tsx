import { lazy, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Disclosure } from '../../components/Disclosure'
import { AllBreeds } from './AllBreeds'
import styles from './Answer.module.css'
import { AnswerActions } from './AnswerActions'
import { ForDevelopers } from './ForDevelopers'
import { LookAlikes } from './LookAlikes'
import { Shortlist } from './Shortlist'
import type { AnyAnswer } from './types'
import { useHeadline } from './useHeadline'
import { usePercent } from './usePercent'

const Compare = lazy(() => import('./Compare'))

interface Props {
  answer: AnyAnswer
  isStored: boolean
  /** Of photos, 0..1, whose breed is on the shortlist. */
  shortlistCoverage: number | null
  /** What the photo's file is called, for the command that asks the same. */
  fileName?: string
  /** Whether the answer was right, for instance. */
  children?: ReactNode
}

/** Whether the second breed may well be the right one. */
function isClose({ shortlist }: AnyAnswer): boolean {
  return shortlist === null || shortlist.length > 1
}

export function Answer({ answer, isStored, shortlistCoverage, fileName, children }: Props) {
  const { t } = useTranslation()
  const percent = usePercent()
  const { lead, heading, probability, details } = useHeadline()(answer)
  return (
    <div className={styles.answer}>
      <p className={styles.certainty}>{lead}</p>
      <h2 className={styles.breed} title={t('answer.label', { breed: answer.breed })}>
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
      <AnswerActions answer={answer} isStored={isStored} />
      {answer.shortlist && answer.verdict?.level !== 'not_a_dog' && (
        <Shortlist breeds={answer.shortlist} coverage={shortlistCoverage} />
      )}
      {answer.look_alikes && isClose(answer) && <LookAlikes pair={answer.look_alikes} />}
      <AllBreeds probabilities={answer.probabilities} />
      {children}
      <div className={styles.more}>
        {answer.probabilities.length > 1 && (
          <Disclosure title={t('answer.compare')}>
            <Compare probabilities={answer.probabilities} />
          </Disclosure>
        )}
        <Disclosure title={t('answer.developers')}>
          <ForDevelopers answer={answer} fileName={fileName} />
        </Disclosure>
      </div>
    </div>
  )
}

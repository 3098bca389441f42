import { lazy, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Disclosure } from '../../components/Disclosure'
import { useBreedName } from '../../components/useBreedName'
import { AllBreeds } from './AllBreeds'
import styles from './Answer.module.css'
import { AnswerActions } from './AnswerActions'
import { ForDevelopers } from './ForDevelopers'
import type { AnyAnswer } from './types'
import { usePercent } from './usePercent'
import { certainty } from './wording'

const Compare = lazy(() => import('./Compare'))

interface Props {
  answer: AnyAnswer
  isStored: boolean
  /** What the photo's file is called, for the command that asks the same. */
  fileName?: string
  /** Whether the answer was right, for instance. */
  children?: ReactNode
}

export function Answer({ answer, isStored, fileName, children }: Props) {
  const { t } = useTranslation()
  const nameOf = useBreedName()
  const percent = usePercent()
  const certain = certainty(answer.probability)
  return (
    <div className={styles.answer}>
      <p className={styles.certainty}>{certain === 'low' ? t('certainty.lowLead') : t(`certainty.${certain}`)}</p>
      <h2 className={styles.breed} title={t('answer.label', { breed: answer.breed })}>
        {nameOf(answer)}
      </h2>
      <p className={styles.probability}>
        <strong data-testid="probability">{percent(answer.probability)}</strong> {t('answer.probability')}
      </p>
      <AnswerActions answer={answer} isStored={isStored} />
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

import { useTranslation } from 'react-i18next'
import type { StoredPrediction } from '../../api/types'
import { useBreedName } from '../../components/useBreedName'
import styles from './StoredAnswerFacts.module.css'

/** When and by which model a stored answer was given, and the feedback on it. */
export function StoredAnswerFacts({ prediction, hasPhoto }: { prediction: StoredPrediction; hasPhoto: boolean }) {
  const { t, i18n } = useTranslation()
  const nameOf = useBreedName()
  const { feedback, model } = prediction
  const dateFormat = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'long', timeStyle: 'short' })
  const date = dateFormat.format(new Date(prediction.created))
  const corrected = feedback && prediction.probabilities.find(({ breed }) => breed === feedback.breed)
  return (
    <div className={styles.facts}>
      <p>{t('storedAnswer.given', { date, model: `${model.name} ${model.version}` })}</p>
      {!hasPhoto && <p>{t('storedAnswer.noPhoto')}</p>}
      {feedback?.right && <p>{t('storedAnswer.confirmed')}</p>}
      {feedback && !feedback.right && (
        <p>
          {t('storedAnswer.corrected', {
            name: corrected ? nameOf(corrected) : t(feedback.breed === 'no_dog' ? 'feedback.noDog' : 'feedback.other'),
          })}
        </p>
      )}
    </div>
  )
}

import { AllBreeds } from './AllBreeds'
import styles from './Answer.module.css'
import type { Prediction } from './types'
import { certainty, percent } from './wording'

export function Answer({ prediction }: { prediction: Prediction }) {
  const words = certainty(prediction.probability)
  return (
    <div className={styles.answer}>
      <p className={styles.certainty}>{words === 'Hard to tell' ? 'Hard to tell. The closest is' : words}</p>
      <h2 className={styles.breed}>{prediction.name}</h2>
      <p className={styles.probability}>
        <strong data-testid="probability">{percent(prediction.probability)}</strong> probability
      </p>
      <AllBreeds probabilities={prediction.probabilities} />
    </div>
  )
}

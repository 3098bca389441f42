import { VisuallyHidden } from '@mantine/core'
import { useRef } from 'react'
import { Answer } from './Answer'
import { DropOverlay } from './DropOverlay'
import { Introduction } from './Introduction'
import styles from './PredictPage.module.css'
import { Problem } from './Problem'
import { Stage } from './Stage'
import { usePaste } from './usePaste'
import { usePhoto } from './usePhoto'
import { usePrediction } from './usePrediction'
import { Waiting } from './Waiting'
import { certainty, percent } from './wording'

export function PredictPage() {
  const { photo, refusal, offer } = usePhoto()
  const { sent, isAsking, prediction, error, askAgain } = usePrediction(photo)
  const panel = useRef<HTMLElement>(null)
  usePaste(offer)

  const tryAgain = () => {
    panel.current?.focus({ preventScroll: true }) // the button that had the focus is about to go
    askAgain()
  }

  let announcement = ''
  if (isAsking) announcement = sent < 1 ? 'Sending your photo.' : 'Looking…'
  else if (prediction) {
    announcement = `${certainty(prediction.probability)}: ${prediction.name}, ${percent(prediction.probability)}.`
  }

  return (
    <main className={styles.main} data-photo={photo !== null}>
      <h1 className={styles.question}>Which breed is this dog?</h1>
      <Stage photo={photo} isAsking={isAsking} onFile={offer} />
      <section ref={panel} className={styles.panel} tabIndex={-1} aria-label="Answer" aria-busy={isAsking}>
        {refusal && <Problem title="This file cannot be used" detail={refusal} />}
        {!photo && !refusal && <Introduction />}
        {isAsking && <Waiting sent={sent} />}
        {error && !refusal && <Problem title="No answer this time" error={error} onTryAgain={tryAgain} />}
        {prediction && <Answer key={prediction.id} prediction={prediction} />}
      </section>
      <VisuallyHidden role="status">{announcement}</VisuallyHidden>
      <DropOverlay onFile={offer} />
    </main>
  )
}

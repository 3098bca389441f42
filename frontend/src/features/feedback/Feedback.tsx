import { Button } from '@mantine/core'
import { lazy, Suspense, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BreedChoice } from '../../components/BreedSelect'
import { useReason } from '../../components/useReason'
import { Consent } from './Consent'
import styles from './Feedback.module.css'
import { useFeedback, type Opinion } from './useFeedback'

const BreedSelect = lazy(() => import('../../components/BreedSelect'))

interface Props {
  /** Of the prediction. */
  id: string
  choices: BreedChoice[]
  /** What was answered, and by whose bytes; only with them can the photo be kept. */
  photo?: { sent: Blob; name: string }
}

/** One tap for yes, a list of breeds for no. */
export function Feedback({ id, choices, photo }: Props) {
  const { t } = useTranslation()
  const reason = useReason()
  const feedback = useFeedback(id)
  const [isWrong, setIsWrong] = useState(false)
  const section = useRef<HTMLElement>(null)

  const send = (opinion: Opinion) => {
    section.current?.focus({ preventScroll: true }) // the button that had the focus is about to go
    feedback.mutate(opinion)
  }
  const change = () => {
    section.current?.focus({ preventScroll: true })
    feedback.reset()
    setIsWrong(false)
  }

  return (
    <section ref={section} tabIndex={-1} className={styles.feedback} aria-label={t('feedback.question')}>
      {feedback.isSuccess ? (
        <>
          <div className={styles.line}>
            <p role="status">{t('feedback.thanks')}</p>
            <Button variant="subtle" size="compact-md" onClick={change}>
              {t('feedback.change')}
            </Button>
          </div>
          {photo && <Consent id={id} sent={photo.sent} name={photo.name} />}
        </>
      ) : (
        <>
          <div className={styles.line}>
            <h3 className={styles.question}>{t('feedback.question')}</h3>
            <div className={styles.choice}>
              <Button variant="default" loading={feedback.isPending && !isWrong} onClick={() => send({ right: true })}>
                {t('feedback.yes')}
              </Button>
              <Button variant="default" aria-expanded={isWrong} onClick={() => setIsWrong(!isWrong)}>
                {t('feedback.no')}
              </Button>
            </div>
          </div>
          {isWrong && (
            <Correction choices={choices} isSending={feedback.isPending} onSend={(breed) => send({ breed })} />
          )}
          {feedback.error && (
            <p role="alert" className={styles.failed}>
              {t('feedback.failed')} {reason(feedback.error)}
            </p>
          )}
        </>
      )}
    </section>
  )
}

interface CorrectionProps {
  choices: BreedChoice[]
  isSending: boolean
  onSend: (breed: string) => void
}

function Correction({ choices, isSending, onSend }: CorrectionProps) {
  const { t } = useTranslation()
  const [breed, setBreed] = useState<string | null>(null)
  const always = [
    { value: 'other', label: t('feedback.other') },
    { value: 'no_dog', label: t('feedback.noDog') },
  ]
  return (
    <Suspense fallback={<div className={styles.loading} />}>
      <div className={styles.correction}>
        <BreedSelect
          label={t('feedback.which')}
          placeholder={t('feedback.choose')}
          choices={choices}
          always={always}
          value={breed}
          onChange={setBreed}
        />
        <Button size="md" disabled={!breed} loading={isSending} onClick={() => breed && onSend(breed)}>
          {t('feedback.send')}
        </Button>
      </div>
    </Suspense>
  )
}

import { lazy, Suspense, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FeedbackRequest } from '../../api/types'
import { Button } from '../../components/Button'
import { useErrorMessage } from '../../components/useErrorMessage'
import { Consent } from './Consent'
import styles from './Feedback.module.css'
import { useBreedChoices } from './useBreedChoices'
import { useFeedback } from './useFeedback'

const BreedSelect = lazy(() => import('../../components/BreedSelect'))

type Breeds = { breed: string; name: string }[]

interface Props {
  /** The id of the prediction. */
  id: string
  /** The secret of the prediction, if this browser sent the photo. Only with it feedback can be changed. */
  secret: string | null
  breeds: Breeds
  /** The bytes that were sent, and the file name. If given, visitors can let the server store the photo. */
  photo?: { sent: Blob; name: string }
}

/** Asks whether the answer was right: one click for yes, a list of breeds for no. */
export function Feedback({ id, secret, breeds, photo }: Props) {
  const { t } = useTranslation()
  const errorMessage = useErrorMessage()
  const feedback = useFeedback(id, secret)
  const [isWrong, setIsWrong] = useState(false)
  const section = useRef<HTMLElement>(null)

  const send = (request: FeedbackRequest) => {
    section.current?.focus({ preventScroll: true }) // the focused button is about to disappear
    feedback.mutate(request)
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
            {secret && (
              <Button variant="subtle" size="compact-md" onClick={change}>
                {t('feedback.change')}
              </Button>
            )}
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
          {isWrong && <Correction breeds={breeds} isSending={feedback.isPending} onSend={(breed) => send({ breed })} />}
          {feedback.error && (
            <p role="alert" className={styles.failed}>
              {t('feedback.failed')} {errorMessage(feedback.error)}
            </p>
          )}
        </>
      )}
    </section>
  )
}

interface CorrectionProps {
  breeds: Breeds
  isSending: boolean
  onSend: (breed: string) => void
}

/** Asks for the right breed. */
function Correction({ breeds, isSending, onSend }: CorrectionProps) {
  const { t } = useTranslation()
  const choices = useBreedChoices(breeds)
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

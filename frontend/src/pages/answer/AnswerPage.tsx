import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../../api/errors'
import { DogSketch } from '../../components/DogSketch'
import { ErrorAlert } from '../../components/ErrorAlert'
import { useObjectUrl } from '../../components/useObjectUrl'
import { Answer } from '../../features/answer/Answer'
import { DeleteAnswer } from '../../features/answer/DeleteAnswer'
import { StoredAnswerFacts } from '../../features/answer/StoredAnswerFacts'
import { useStoredPrediction } from '../../features/answer/useStoredPrediction'
import { Feedback } from '../../features/feedback/Feedback'
import { deleteEntry, type Entry } from '../../features/history/store'
import { useHistoryEntry } from '../../features/history/useHistory'
import styles from './AnswerPage.module.css'

/** The secret of an answer that this browser got. Entries of earlier versions have none. */
function secretOf(entry: Entry | null | undefined): string | null {
  return entry?.prediction.secret ?? null
}

/**
 * An earlier answer, from the server. The thumbnail comes from this browser's history, and so does the answer if the server
 * cannot give it.
 */
export default function AnswerPage({ id }: { id: string }) {
  const { t } = useTranslation()
  const entry = useHistoryEntry(id)
  const isOnDevice = entry.data?.prediction.on_device === true // the server does not know it
  const stored = useStoredPrediction(id, !entry.isPending && !isOnDevice)
  const thumbnail = useObjectUrl(entry.data?.thumbnail)
  const prediction = stored.data ?? (stored.isError || isOnDevice ? entry.data?.prediction : undefined)
  const secret = secretOf(entry.data)
  const [deletedId, setDeletedId] = useState<string | null>(null)
  const isMissing = stored.error instanceof ApiError && stored.error.status === 404

  const onDeleted = () => {
    setDeletedId(id)
    void deleteEntry(id)
  }

  if (deletedId === id) {
    return (
      <>
        <h1>{t('storedAnswer.title')}</h1>
        <p role="status">{t('storedAnswer.deleted')}</p>
      </>
    )
  }
  return (
    <div className={styles.columns}>
      <div>
        <h1>{t('storedAnswer.title')}</h1>
        <div className={styles.photo}>
          {thumbnail ? (
            <img src={thumbnail} alt={t('history.thumbnail', { name: entry.data?.name ?? '' })} />
          ) : (
            <DogSketch />
          )}
        </div>
        {stored.data && <StoredAnswerFacts prediction={stored.data} hasPhoto={thumbnail !== undefined} />}
        {stored.data && secret && <DeleteAnswer id={id} secret={secret} onDeleted={onDeleted} />}
      </div>
      {prediction && (
        <Answer
          prediction={prediction}
          isStored={stored.data !== undefined}
          photo={entry.data?.thumbnail ? { bytes: entry.data.thumbnail, name: entry.data.name } : undefined}
        >
          {stored.data && (secret || !stored.data.feedback) && (
            <Feedback id={id} secret={secret} breeds={prediction.probabilities} />
          )}
        </Answer>
      )}
      {!prediction && stored.error && entry.isSuccess && (
        <ErrorAlert
          title={t(isMissing ? 'storedAnswer.missing' : 'problem.title')}
          error={stored.error}
          onTryAgain={isMissing ? undefined : () => void stored.refetch()}
        />
      )}
    </div>
  )
}

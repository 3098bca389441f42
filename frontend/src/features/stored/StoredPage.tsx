import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../../api/errors'
import { getJson } from '../../api/request'
import type { components } from '../../api/schema'
import { Problem } from '../../components/Problem'
import { DogSketch } from '../../components/DogSketch'
import { useBreedName } from '../../components/useBreedName'
import { useObjectUrl } from '../../components/useObjectUrl'
import { Answer } from '../answer/Answer'
import type { AnyAnswer } from '../answer/types'
import { Feedback } from '../feedback/Feedback'
import { readEntry } from '../history/store'
import { useBreedChoices } from '../model/useBreedChoices'
import { useShortlistCoverage } from '../model/useShortlistCoverage'
import styles from './StoredPage.module.css'

type Stored = components['schemas']['StoredPrediction']

/** An answer given before: from the server to whoever has its link, with its thumbnail from this browser's history. */
export default function StoredPage({ id }: { id: string }) {
  const { t } = useTranslation()
  const entry = useQuery({
    queryKey: ['history', id],
    queryFn: () => readEntry(id).catch(() => null),
  })
  const stored = useQuery({
    queryKey: ['stored', id],
    queryFn: ({ signal }) => getJson<Stored>(`/api/predictions/${id}`, signal),
    retry: false,
  })
  const thumbnail = useObjectUrl(entry.data?.thumbnail)
  const answer = stored.data ?? (stored.isError ? entry.data?.prediction : undefined)
  const isMissing = stored.error instanceof ApiError && stored.error.status === 404

  return (
    <div className={styles.stored}>
      <div>
        <h1>{t('stored.title')}</h1>
        <div className={styles.photo}>
          {thumbnail ? (
            <img src={thumbnail} alt={t('history.thumbnail', { name: entry.data?.name ?? '' })} />
          ) : (
            <DogSketch />
          )}
        </div>
        {stored.data && <Given stored={stored.data} hasPhoto={thumbnail !== undefined} />}
      </div>
      {answer && <StoredAnswer answer={answer} stored={stored.data} />}
      {!answer && stored.error && entry.isSuccess && (
        <Problem
          title={t(isMissing ? 'stored.missing' : 'problem.title')}
          error={stored.error}
          onTryAgain={isMissing ? undefined : () => void stored.refetch()}
        />
      )}
    </div>
  )
}

function StoredAnswer({ answer, stored }: { answer: AnyAnswer; stored: Stored | undefined }) {
  const choices = useBreedChoices(answer.probabilities)
  const coverage = useShortlistCoverage(answer)
  return (
    <Answer answer={answer} isStored={stored !== undefined} shortlistCoverage={coverage}>
      {stored && <Feedback id={stored.id} choices={choices} />}
    </Answer>
  )
}

function Given({ stored, hasPhoto }: { stored: Stored; hasPhoto: boolean }) {
  const { t, i18n } = useTranslation()
  const nameOf = useBreedName()
  const { feedback, model } = stored
  const date = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'long', timeStyle: 'short' })
  const said = feedback && stored.probabilities.find(({ breed }) => breed === feedback.breed)
  return (
    <div className={styles.given}>
      <p>
        {t('stored.given', { date: date.format(new Date(stored.created)), model: `${model.name} ${model.version}` })}
      </p>
      {!hasPhoto && <p>{t('stored.noPhoto')}</p>}
      {feedback?.right && <p>{t('stored.youSaid')}</p>}
      {feedback && !feedback.right && (
        <p>
          {t('stored.theySaid', {
            name: said ? nameOf(said) : t(feedback.breed === 'no_dog' ? 'feedback.noDog' : 'feedback.other'),
          })}
        </p>
      )}
    </div>
  )
}

import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { DogSketch } from '../../components/DogSketch'
import { useBreedName } from '../../components/useBreedName'
import { useObjectUrl } from '../../components/useObjectUrl'
import styles from './HistoryEntry.module.css'
import { deleteEntry, type Entry } from './store'

interface Props {
  entry: Entry
  /** The answer in a few words. */
  summary: string
}

/** One earlier photo with its answer, in the list of all of them. */
export function HistoryEntry({ entry, summary }: Props) {
  const { t, i18n } = useTranslation()
  const nameOf = useBreedName()
  const url = useObjectUrl(entry.thumbnail)
  const name = nameOf(entry.prediction)
  const dateFormat = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' })
  return (
    <li className={styles.entry}>
      <Link href={`/answers/${entry.id}`} className={styles.open} aria-label={t('history.open', { name })}>
        <span className={styles.thumbnail}>
          {url ? (
            <img src={url} alt={t('history.thumbnail', { name: entry.name })} />
          ) : (
            !entry.thumbnail && <DogSketch />
          )}
        </span>
        <span className={styles.summary}>{summary}</span>
        <span className={styles.date}>
          <time dateTime={new Date(entry.time).toISOString()}>{dateFormat.format(entry.time)}</time>
        </span>
      </Link>
      <button
        type="button"
        className={styles.remove}
        aria-label={t('history.remove', { name })}
        onClick={() => void deleteEntry(entry.id)}
      >
        ×
      </button>
    </li>
  )
}

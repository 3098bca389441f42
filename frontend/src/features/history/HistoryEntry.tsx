import type { MouseEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { DogSketch } from '../../components/DogSketch'
import { VisuallyHidden } from '../../components/VisuallyHidden'
import { useObjectUrl } from '../../components/useObjectUrl'
import styles from './HistoryEntry.module.css'
import type { Entry } from './store'

interface Props {
  entry: Entry
  /** How certain the answer is, in words. It may be empty. */
  lead: string
  /** The answer in a few words. */
  heading: string
  /** As a percentage, or null for an answer without one. */
  probability: string | null
  onRemove: (event: MouseEvent) => void
}

/** One earlier photo with its answer, in the list of all of them. */
export function HistoryEntry({ entry, lead, heading, probability, onRemove }: Props) {
  const { t, i18n } = useTranslation()
  const url = useObjectUrl(entry.thumbnail)
  const dateFormat = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' })
  return (
    <li className={styles.entry}>
      <Link href={`/answers/${entry.id}`} className={styles.open}>
        <VisuallyHidden>{t('history.open')}</VisuallyHidden>
        <span className={styles.thumbnail}>
          {url ? (
            <img src={url} alt={t('history.thumbnail', { name: entry.name })} />
          ) : (
            !entry.thumbnail && <DogSketch />
          )}
        </span>
        {lead && <span className={styles.lead}>{lead}</span>}
        <span className={styles.heading}>{heading}</span>
        {probability && (
          <span className={styles.probability}>
            <strong>{probability}</strong> {t('answer.probability')}
          </span>
        )}
        <span className={styles.date}>
          <time dateTime={new Date(entry.time).toISOString()}>{dateFormat.format(entry.time)}</time>
        </span>
      </Link>
      <button
        type="button"
        className={styles.remove}
        aria-label={t('history.remove', { name: heading })}
        onClick={onRemove}
      >
        ×
      </button>
    </li>
  )
}

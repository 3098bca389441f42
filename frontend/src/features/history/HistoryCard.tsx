import { UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { DogSketch } from '../../components/DogSketch'
import { useBreedName } from '../../components/useBreedName'
import { useObjectUrl } from '../../components/useObjectUrl'
import { useHeadline } from '../answer/useHeadline'
import styles from './HistoryPage.module.css'
import { forget, type Entry } from './store'

export function HistoryCard({ entry }: { entry: Entry }) {
  const { t, i18n } = useTranslation()
  const nameOf = useBreedName()
  const { short } = useHeadline()(entry.prediction)
  const url = useObjectUrl(entry.thumbnail)
  const name = nameOf(entry.prediction)
  const day = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' })
  return (
    <li className={styles.card}>
      <Link href={`/answers/${entry.id}`} className={styles.open} aria-label={t('history.open', { name })}>
        <span className={styles.thumbnail}>
          {url ? (
            <img src={url} alt={t('history.thumbnail', { name: entry.name })} />
          ) : (
            !entry.thumbnail && <DogSketch />
          )}
        </span>
        <span className={styles.name}>{short}</span>
        <span className={styles.detail}>
          <time dateTime={new Date(entry.time).toISOString()}>{day.format(entry.time)}</time>
        </span>
      </Link>
      <UnstyledButton
        className={styles.remove}
        aria-label={t('history.remove', { name })}
        onClick={() => void forget(entry.id)}
      >
        ×
      </UnstyledButton>
    </li>
  )
}

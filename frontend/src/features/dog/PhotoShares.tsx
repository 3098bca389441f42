import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import styles from './PhotoShares.module.css'

export interface PhotoRow {
  id: number
  /** The file name. */
  name: string
  /** The address of a picture. */
  picture: string
  /** The photo's own answer in a few words, or why there is none. */
  summary: string
  /** Whether the photo got an answer. */
  isAnswered: boolean
  /** How much it counts, and what the answer would be without it. */
  sentences: string[]
  /** Whether the photo seems to show another dog. */
  isDoubtful: boolean
  /** Whether the visitor has set the photo apart. */
  isApart: boolean
}

interface Props {
  rows: PhotoRow[]
  onShow: (id: number) => void
  onRemove: (id: number) => void
  onKeepApart: (id: number) => void
  onCount: (id: number) => void
}

/** What each photo of a dog adds to the answer. */
export function PhotoShares({ rows, onShow, onRemove, onKeepApart, onCount }: Props) {
  const { t } = useTranslation()
  const action = (label: string, onClick: () => void) => (
    <Button variant="default" size="compact-md" className={styles.action} onClick={onClick}>
      {label}
    </Button>
  )
  return (
    <section className={styles.shares} aria-labelledby="photo-shares">
      <h3 id="photo-shares" className={styles.title}>
        {t('dog.photos')}
      </h3>
      <ol>
        {rows.map(({ id, name, picture, summary, isAnswered, sentences, isDoubtful, isApart }, index) => (
          <li key={id} className={styles.row} data-counted={isAnswered && !isDoubtful && !isApart}>
            <button
              type="button"
              className={styles.open}
              onClick={() => onShow(id)}
              aria-label={t('dog.show', { name })}
            >
              <img src={picture} alt="" />
            </button>
            <div>
              <p className={styles.summary}>
                {t('dog.number', { number: index + 1 })} <span data-failed={!isAnswered}>{summary}</span>
              </p>
              {sentences.map((sentence) => (
                <p key={sentence} className={styles.sentence}>
                  {sentence}
                </p>
              ))}
              <div className={styles.actions}>
                {(isDoubtful || !isAnswered) && action(t('dog.remove'), () => onRemove(id))}
                {isDoubtful && action(t('dog.keepApart'), () => onKeepApart(id))}
                {isApart && action(t('dog.count'), () => onCount(id))}
              </div>
            </div>
          </li>
        ))}
      </ol>
    </section>
  )
}

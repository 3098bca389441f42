import { useTranslation } from 'react-i18next'
import { useNumberFormat } from '../../components/useNumberFormat'
import type { InProgress } from './photoState'
import styles from './PredictionProgress.module.css'

interface Props {
  state: InProgress
  /** How many photos are sent together. */
  count?: number
}

/** A placeholder with the layout of an answer, so that the page does not shift when the answer comes. */
export function PredictionProgress({ state, count = 1 }: Props) {
  const { t } = useTranslation()
  const { wholePercent } = useNumberFormat()
  const isSending = state.step === 'sending'
  const share = isSending ? state.share : 1
  const texts = {
    queued: t('progress.queued'),
    sending: count > 1 ? t('progress.sendingSeveral', { count }) : t('progress.sending'),
    predicting: t('progress.predicting'),
  }
  return (
    <div>
      <p className={styles.step}>{isSending && state.isBusy ? t('progress.busy') : texts[state.step]}</p>
      <p className={styles.figure}>
        {isSending && !state.isBusy ? wholePercent(share) : <span className={styles.name} />}
      </p>
      <div
        role="progressbar"
        aria-label={t('progress.upload')}
        aria-valuenow={Math.round(share * 100)}
        className={styles.bar}
        data-indeterminate={!isSending || state.isBusy}
      >
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <div className={styles.rows} aria-hidden="true">
        {[72, 56, 64, 48, 60].map((width) => (
          <div key={width} className={styles.row}>
            <span style={{ width: `${width}%` }} />
            <span />
          </div>
        ))}
      </div>
    </div>
  )
}

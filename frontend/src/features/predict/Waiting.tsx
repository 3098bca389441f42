import { Progress } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useFigures } from '../../components/useFigures'
import type { PhotoState } from './types'
import styles from './Waiting.module.css'

type Step = Extract<PhotoState, { step: 'queued' | 'sending' | 'looking' }>

/** The answer's shape before the answer, so that nothing moves when it comes. */
export function Waiting({ state }: { state: Step }) {
  const { t } = useTranslation()
  const { roughly } = useFigures()
  const isSending = state.step === 'sending'
  const share = isSending ? state.share : 1
  const wording = { queued: t('waiting.queued'), sending: t('waiting.sending'), looking: t('waiting.looking') }
  return (
    <div className={styles.waiting}>
      <p className={styles.step}>{isSending && state.isBusy ? t('waiting.busy') : wording[state.step]}</p>
      <p className={styles.figure}>{isSending && !state.isBusy ? roughly(share) : <span className={styles.name} />}</p>
      <Progress.Root size={6} radius="xl" className={styles.bar} data-looking={!isSending || state.isBusy}>
        <Progress.Section value={share * 100} aria-label={t('waiting.upload')} />
      </Progress.Root>
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

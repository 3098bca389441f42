import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { useModel } from '../../api/useModel'
import { ErrorAlert } from '../../components/ErrorAlert'
import { useNumberFormat } from '../../components/useNumberFormat'
import styles from './PrivateMode.module.css'
import { choosePrivate, prepare, type Loading } from './privateMode'
import { downloadMegabytes } from './sizes'
import { usePrivateMode } from './usePrivateMode'

interface Props {
  /** A photo that waits shows the error. */
  hidesError: boolean
  /** Leaves out what private mode is, on narrow screens: the answer is below it. */
  isCompact: boolean
}

/** The switch for private mode, and how far its download is. */
export function PrivateMode({ hidesError, isCompact }: Props) {
  const { t } = useTranslation()
  const id = useId()
  const { isChosen, loading } = usePrivateMode()
  const { data: model } = useModel()
  const bytes = model?.network?.bytes // a server of an earlier version does not say
  const download = bytes && t('private.download', { megabytes: downloadMegabytes(bytes) })
  const isReady = isChosen && loading.step === 'ready'
  return (
    <section className={styles.private} data-compact={isCompact && !isChosen} aria-labelledby={id}>
      <div className={styles.choice}>
        <input
          id={`${id}-switch`}
          type="checkbox"
          role="switch"
          className={styles.switch}
          checked={isChosen}
          onChange={(event) => choosePrivate(event.currentTarget.checked)}
          aria-describedby={`${id}-about`}
        />
        <label htmlFor={`${id}-switch`} id={id} className={styles.title}>
          {t('private.title')}
        </label>
        <p id={`${id}-about`} className={styles.about} role={isChosen ? 'status' : undefined}>
          {isReady ? t('private.ready') : [t('private.lead'), download].filter(Boolean).join(' ')}
        </p>
      </div>
      {isChosen && loading.step === 'loading' && <Download {...loading} />}
      {isChosen && loading.step === 'failed' && !hidesError && (
        <ErrorAlert
          title={t('private.failed')}
          error={loading.error}
          onTryAgain={() => void prepare().catch(() => undefined)}
        />
      )}
    </section>
  )
}

function Download({ share }: Extract<Loading, { step: 'loading' }>) {
  const { t } = useTranslation()
  const { wholePercent } = useNumberFormat()
  return (
    <div className={styles.download}>
      <progress className={styles.bar} value={share} aria-label={t('private.progress')} />
      <p className={styles.about}>
        {share < 1 ? t('private.loading', { share: wholePercent(share) }) : t('private.starting')}
      </p>
    </div>
  )
}

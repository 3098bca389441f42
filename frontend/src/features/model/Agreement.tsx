import { useTranslation } from 'react-i18next'
import type { ConfidenceBin } from '../../api/types'
import { useNumberFormat } from '../../components/useNumberFormat'
import styles from './Agreement.module.css'
import sections from './section.module.css'
import { useStatistics } from './useStatistics'

/** How often visitors agreed with answers, for each range of probability. */
export function Agreement() {
  const { t } = useTranslation()
  const { data: statistics, isError } = useStatistics()
  const judged = statistics?.confidence.filter((bin) => bin.judged > 0).reverse()
  return (
    <section aria-labelledby="agreement">
      <h2 id="agreement">{t('model.agreement')}</h2>
      <p className={sections.explanation}>{t('model.agreementLead')}</p>
      {isError && <p>{t('model.agreementUnavailable')}</p>}
      {judged?.length === 0 && <p>{t('model.agreementNone')}</p>}
      {judged && judged.length > 0 && (
        <ul className={styles.bins}>
          {judged.map((bin) => (
            <AgreementRow key={bin.from} bin={bin} />
          ))}
        </ul>
      )}
    </section>
  )
}

/** The bar is the share of visitors who agreed. The shaded range behind it is the probability that the model stated. */
function AgreementRow({ bin }: { bin: ConfidenceBin }) {
  const { t } = useTranslation()
  const { wholePercent } = useNumberFormat()
  const share = bin.right / bin.judged
  return (
    <li>
      <p>
        {t('model.agreementRow', {
          low: wholePercent(bin.from),
          high: wholePercent(bin.to),
          share: wholePercent(share),
          count: bin.judged,
        })}
      </p>
      <div className={styles.track} aria-hidden="true">
        <span
          className={styles.stated}
          style={{ left: `${bin.from * 100}%`, width: `${(bin.to - bin.from) * 100}%` }}
        />
        <span className={styles.agreed} style={{ width: `${share * 100}%` }} />
      </div>
    </li>
  )
}

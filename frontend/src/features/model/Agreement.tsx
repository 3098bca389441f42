import { useTranslation } from 'react-i18next'
import styles from './ModelPage.module.css'
import { useFigures } from '../../components/useFigures'
import { useStatistics, type ConfidenceBin } from './useStatistics'

/** Whether the confidence that was shown was deserved, by those who said so. */
export function Agreement() {
  const { t } = useTranslation()
  const { data: statistics, isError } = useStatistics()
  const judged = statistics?.confidence.filter((bin) => bin.judged > 0).reverse()
  return (
    <section aria-labelledby="agreement">
      <h2 id="agreement">{t('model.agreement')}</h2>
      <p className={styles.explanation}>{t('model.agreementLead')}</p>
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

/** A bar for what people said; the two marks are what the model had said. */
function AgreementRow({ bin }: { bin: ConfidenceBin }) {
  const { t } = useTranslation()
  const { roughly } = useFigures()
  const share = bin.right / bin.judged
  return (
    <li>
      <p>
        {t('model.agreementRow', {
          low: roughly(bin.from),
          high: roughly(bin.to),
          share: roughly(share),
          count: bin.judged,
        })}
      </p>
      <div className={styles.agreed} aria-hidden="true">
        <span className={styles.said} style={{ left: `${bin.from * 100}%`, width: `${(bin.to - bin.from) * 100}%` }} />
        <span className={styles.heard} style={{ width: `${share * 100}%` }} />
      </div>
    </li>
  )
}

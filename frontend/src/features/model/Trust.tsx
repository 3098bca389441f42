import { useTranslation } from 'react-i18next'
import type { components } from '../../api/schema'
import styles from './ModelPage.module.css'
import { useFigures } from '../../components/useFigures'

/** What the verdict, the shortlist and the check for dogs promise; nothing of a model that promises none. */
export function Trust({ trust }: { trust: components['schemas']['Trust'] }) {
  const { t } = useTranslation()
  const { roughly, number } = useFigures()
  const promises = [
    trust.precision && t('model.trustPrecision', { share: roughly(trust.precision) }),
    trust.shortlist_coverage && t('model.trustShortlist', { share: roughly(trust.shortlist_coverage) }),
    trust.dogs_kept && t('model.trustDogs', { share: roughly(trust.dogs_kept) }),
  ].filter((promise) => typeof promise === 'string')
  if (promises.length === 0) return null
  return (
    <section aria-labelledby="trust">
      <h2 id="trust">{t('model.trust')}</h2>
      <ul className={styles.promises}>
        {promises.map((promise) => (
          <li key={promise}>{promise}</li>
        ))}
      </ul>
      {trust.photos !== null && (
        <p className={styles.count}>{t('model.trustPhotos', { photos: number(trust.photos) })}</p>
      )}
    </section>
  )
}

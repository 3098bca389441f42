import { lazy } from 'react'
import { useTranslation } from 'react-i18next'
import { useModel } from '../../api/useModel'
import { Disclosure } from '../../components/Disclosure'
import { ErrorAlert } from '../../components/ErrorAlert'
import { Accuracy } from '../../features/model/Accuracy'
import { Agreement } from '../../features/model/Agreement'
import { BreedCatalogue } from '../../features/model/BreedCatalogue'
import { MixedDogs } from '../../features/model/MixedDogs'
import { Reliability } from '../../features/model/Reliability'
import styles from './ModelPage.module.css'

const ModelCard = lazy(() => import('../../features/model/ModelCard'))

export default function ModelPage() {
  const { t } = useTranslation()
  const { data: model, error, refetch } = useModel()
  return (
    <div className={styles.page}>
      <h1>{t('model.title')}</h1>
      {error && <ErrorAlert title={t('model.unavailable')} error={error} onTryAgain={() => void refetch()} />}
      {model && (
        <>
          <p className={styles.lead}>
            {t('model.lead', { name: model.name, version: model.version, count: model.breeds.length })}
          </p>
          <Accuracy metrics={model.metrics} />
          <Reliability trust={model.trust} />
          <MixedDogs />
        </>
      )}
      {(model ?? error) && <Agreement />}
      {model && <BreedCatalogue breeds={model.breeds} />}
      {model && (
        <div className={styles.more}>
          {model.report && (
            <p className={styles.report}>
              <a href={model.report}>{t('model.report')}</a>
            </p>
          )}
          {model.card && (
            <Disclosure title={t('model.card')}>
              <ModelCard markdown={model.card} />
            </Disclosure>
          )}
        </div>
      )}
    </div>
  )
}

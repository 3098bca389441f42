import { lazy } from 'react'
import { useTranslation } from 'react-i18next'
import { Disclosure } from '../../components/Disclosure'
import { Problem } from '../../components/Problem'
import { Agreement } from './Agreement'
import { KnownBreeds } from './KnownBreeds'
import { Measured } from './Measured'
import styles from './ModelPage.module.css'
import { Trust } from './Trust'
import { useModel } from './useModel'

const ModelCard = lazy(() => import('./ModelCard'))

export default function ModelPage() {
  const { t } = useTranslation()
  const { data: model, error, refetch } = useModel()
  return (
    <div className={styles.page}>
      <h1>{t('model.title')}</h1>
      {error && <Problem title={t('model.unavailable')} error={error} onTryAgain={() => void refetch()} />}
      {model && (
        <>
          <p className={styles.lead}>
            {t('model.lead', { name: model.name, version: model.version, count: model.breeds.length })}
          </p>
          <Measured metrics={model.metrics} />
          <Trust trust={model.trust} />
        </>
      )}
      {(model ?? error) && <Agreement />}
      {model && <KnownBreeds breeds={model.breeds} />}
      {model?.report && (
        <p className={styles.report}>
          <a href={model.report}>{t('model.report')}</a>
        </p>
      )}
      {model?.card && (
        <Disclosure title={t('model.card')}>
          <ModelCard markdown={model.card} />
        </Disclosure>
      )}
    </div>
  )
}

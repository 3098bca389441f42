import { useTranslation } from 'react-i18next'
import styles from './Introduction.module.css'

export function Introduction() {
  const { t } = useTranslation()
  return (
    <div className={styles.introduction}>
      <p className={styles.lead}>{t('introduction.lead')}</p>
      <ul className={styles.hints}>
        <li>{t('introduction.oneDog')}</li>
        <li>{t('introduction.waysIn')}</li>
        <li>{t('introduction.formats')}</li>
        <li>{t('introduction.privacy')}</li>
      </ul>
    </div>
  )
}

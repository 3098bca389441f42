import { useTranslation } from 'react-i18next'
import { useAcceptedFormats } from '../../features/photos/useAcceptedFormats'
import styles from './Introduction.module.css'

export function Introduction() {
  const { t } = useTranslation()
  const formats = useAcceptedFormats().names
  return (
    <div className={styles.introduction}>
      <p className={styles.lead}>{t('introduction.lead')}</p>
      <ul className={styles.hints}>
        <li>{t('introduction.oneDog')}</li>
        <li>{t('introduction.waysIn')}</li>
        <li>{formats ? t('introduction.formats', { formats }) : t('introduction.anyFormat')}</li>
        <li>{t('introduction.privacy')}</li>
      </ul>
    </div>
  )
}

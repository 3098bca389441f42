import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useModel } from '../api/useModel'
import styles from './Footer.module.css'
import { chooseLanguage } from './i18n'
import { LANGUAGES, type Language } from './language'

export function Footer() {
  const { t } = useTranslation()
  const { isPending } = useModel()
  return (
    // Pages grow when the model's details arrive. The footer is hidden until then, so that it does not jump.
    <footer className={styles.footer} data-hidden={isPending}>
      <ModelLine />
      <nav className={styles.links} aria-label={t('app.developers')}>
        <a href="/api/docs/">{t('app.apiDocs')}</a>
        <a href="/api/">{t('app.api')}</a>
        <LanguageChoice />
      </nav>
    </footer>
  )
}

/** Which model answers. */
function ModelLine() {
  const { t } = useTranslation()
  const { data: model, isError } = useModel()
  if (isError) return <p>{t('model.unavailable')}</p>
  if (!model) return <p>{'\u00a0'}</p>
  return (
    <p>
      {t('model.answeredBy')} <Link href="/model">{model.name}</Link> {model.version},{' '}
      {t('model.knows', { count: model.breeds.length })}
    </p>
  )
}

function LanguageChoice() {
  const { t, i18n } = useTranslation()
  return (
    <select
      className={styles.language}
      aria-label={t('app.language')}
      value={i18n.language}
      onChange={(event) => void chooseLanguage(event.currentTarget.value as Language)}
    >
      {Object.entries(LANGUAGES).map(([language, name]) => (
        <option key={language} value={language}>
          {name}
        </option>
      ))}
    </select>
  )
}

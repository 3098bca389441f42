import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import styles from './Header.module.css'

const PAGES = [
  ['/', 'app.photo'],
  ['/history', 'app.history'],
  ['/model', 'app.model'],
] as const

export function Header() {
  const { t } = useTranslation()
  const [location] = useLocation()
  return (
    <header className={styles.header}>
      <a href="#content" className={styles.skip}>
        {t('app.skip')}
      </a>
      <Link href="/" className={styles.wordmark} aria-label="Dogbreed">
        <img src="/icon.svg" alt="" width={28} height={28} />
        <span>Dogbreed</span>
      </Link>
      <nav aria-label={t('app.pages')} className={styles.pages}>
        {PAGES.map(([path, name]) => (
          <Link key={path} href={path} aria-current={location === path ? 'page' : undefined}>
            {t(name)}
          </Link>
        ))}
      </nav>
    </header>
  )
}

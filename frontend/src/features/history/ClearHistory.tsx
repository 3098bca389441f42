import { useState, type MouseEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import styles from './ClearHistory.module.css'

/** Clears the history after a confirmation, because it can be undone for a few seconds only. */
export function ClearHistory({ count, onClear }: { count: number; onClear: (event: MouseEvent) => void }) {
  const { t } = useTranslation()
  const [isConfirming, setIsConfirming] = useState(false)
  return (
    <div className={styles.clear}>
      {isConfirming ? (
        <>
          <Button onClick={onClear}>{t('history.clearSure', { count })}</Button>
          {/* eslint-disable-next-line jsx-a11y-x/no-autofocus -- the clicked button is gone, and this choice is harmless */}
          <Button variant="subtle" autoFocus onClick={() => setIsConfirming(false)}>
            {t('history.cancel')}
          </Button>
        </>
      ) : (
        <Button variant="default" onClick={() => setIsConfirming(true)}>
          {t('history.clear')}
        </Button>
      )}
    </div>
  )
}

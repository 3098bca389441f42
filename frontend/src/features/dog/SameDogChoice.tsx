import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import styles from './SameDogChoice.module.css'

interface Props {
  isOneDog: boolean
  /** The most photos that can be answered together, if there are more than that. */
  limit: number | null
  onChange: (isOneDog: boolean) => void
}

/** Asks whether several photos show one dog. */
export function SameDogChoice({ isOneDog, limit, onChange }: Props) {
  const { t } = useTranslation()
  const name = useId()
  const option = (value: boolean, label: string, isDisabled = false) => (
    <label className={styles.option}>
      <input
        type="radio"
        name={name}
        checked={isOneDog === value}
        disabled={isDisabled}
        onChange={() => onChange(value)}
      />
      <span>{label}</span>
    </label>
  )
  return (
    <fieldset className={styles.choice}>
      <legend className={styles.legend}>{t('dog.question')}</legend>
      <span className={styles.options}>
        {option(false, t('dog.different'))}
        {option(true, t('dog.one'), limit !== null)}
      </span>
      {limit !== null && <p className={styles.note}>{t('dog.limit', { limit })}</p>}
    </fieldset>
  )
}

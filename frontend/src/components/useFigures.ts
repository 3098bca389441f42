import { useTranslation } from 'react-i18next'

/** Numbers as the visitor's language writes them. */
export function useFigures() {
  const { i18n } = useTranslation()
  const format = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(i18n.language, options)
  const oneDigit = format({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })
  const whole = format({ style: 'percent' })
  const count = format({})
  return {
    /** 0..1 as a percentage with one decimal. */
    share: (value: number) => oneDigit.format(value),
    /** 0..1 as a whole percentage. */
    roughly: (value: number) => whole.format(value),
    number: (value: number) => count.format(value),
  }
}

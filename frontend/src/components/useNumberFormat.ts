import { useTranslation } from 'react-i18next'

/** Formats numbers in the visitor's language. */
export function useNumberFormat() {
  const { i18n } = useTranslation()
  const format = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(i18n.language, options)
  const oneDecimal = format({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })
  const whole = format({ style: 'percent' })
  const count = format({})
  return {
    /** 0..1 as a percentage with one decimal. */
    percentWithDecimal: (share: number) => oneDecimal.format(share),
    /** 0..1 as a whole percentage. */
    wholePercent: (share: number) => whole.format(share),
    count: (value: number) => count.format(value),
  }
}

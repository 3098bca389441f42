/** 0..1 as a percentage. Never "0%" or "100%", because no breed is impossible or certain. */
export function formatProbability(probability: number, language = 'en'): string {
  const format = (share: number, digits: number) =>
    new Intl.NumberFormat(language, {
      style: 'percent',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(share)
  if (probability >= 0.995) return `>${format(0.99, 0)}`
  if (probability < 0.001) return `<${format(0.001, 1)}`
  return format(probability, probability < 0.0995 ? 1 : 0)
}

export type Certainty = 'high' | 'good' | 'some' | 'low'

/** How certain the most likely breed is. `locales` has the words for it. */
export function certaintyOf(probability: number): Certainty {
  if (probability >= 0.9) return 'high'
  if (probability >= 0.6) return 'good'
  return probability >= 0.35 ? 'some' : 'low'
}

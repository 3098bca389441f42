/** 0..1 as a person reads it: no false 0% and no false 100%. */
export function percent(probability: number): string {
  const value = probability * 100
  if (value >= 99.5) return '>99%'
  if (value < 0.1) return '<0.1%'
  return value < 9.95 ? `${value.toFixed(1)}%` : `${Math.round(value)}%`
}

/** How far the first guess can be trusted, in words. */
export function certainty(probability: number): string {
  if (probability >= 0.9) return 'Almost certainly'
  if (probability >= 0.6) return 'Probably'
  if (probability >= 0.35) return 'Perhaps'
  return 'Hard to tell'
}

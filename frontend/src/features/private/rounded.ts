/** To four decimal places, as the API rounds scores and heat maps. */
export function rounded(value: number): number {
  return Number(value.toFixed(4))
}

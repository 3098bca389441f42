/** Numbers in half precision, rounded to the nearest, as bits. Not all browsers have a `Float16Array`. */
export function toFloat16(numbers: Float32Array): Uint16Array {
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length)
  return Uint16Array.from(bits, half)
}

/** The bits of a float32 -> those of a float16 (IEEE 754). */
function half(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const exponent = ((bits >>> 23) & 0xff) - 127 + 15
  const fraction = bits & 0x7fffff
  if (exponent >= 31) return sign | 0x7c00 // too large: infinity
  if (exponent > 0) return sign | roundedShift((exponent << 23) | fraction, 13)
  return exponent < -10 ? sign : sign | roundedShift(fraction | 0x800000, 14 - exponent)
}

/** Without the last `places` bits, rounded to the nearest, and to an even number where two are as near. */
function roundedShift(value: number, places: number): number {
  const kept = value >>> places
  const lost = value & (2 ** places - 1)
  const middle = 2 ** (places - 1)
  return kept + (lost > middle || (lost === middle && (kept & 1) === 1) ? 1 : 0)
}

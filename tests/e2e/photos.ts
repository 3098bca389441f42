import { encode } from 'jpeg-js'

/** A JPEG drawn here: a fawn disc on a green ground. No dog, but a photo as far as any decoder can tell. */
export function drawnJpeg(width = 480, height = 360): Buffer {
  const data = Buffer.alloc(width * height * 4, 255)
  const radius = Math.min(width, height) / 3
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const isInside = Math.hypot(x - width / 2, y - height / 2) < radius
      data.set(isInside ? [192, 132, 68] : [70 + (x % 64), 120, 80 + (y % 64)], (y * width + x) * 4)
    }
  }
  return encode({ data, width, height }, 85).data
}

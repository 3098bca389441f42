import { deflateSync, crc32 } from 'node:zlib'
import { encode } from 'jpeg-js'

type Colour = [number, number, number]
interface Ellipse {
  /** The centre, in widths and heights from the middle of the photo. */
  at: [number, number]
  /** Both radii, in heights. */
  radii: [number, number]
  colour: Colour
}

const MEADOW: Colour = [60, 90, 50]
const FUR: Colour = [235, 225, 205]
const EARS: Colour = [141, 135, 123]
const EYES: Colour = [20, 15, 10]
const NOSE: Colour = [15, 10, 10]

/** The parts of a face; later ones cover earlier ones. The model is surer of one breed than of all others. */
const FACE: Ellipse[] = [
  { at: [0, 0], radii: [1 / 3.6, 1 / 3.6], colour: FUR },
  ...[-0.12, 0.12].map((x): Ellipse => ({ at: [x, -0.08], radii: [0.03, 0.03], colour: EYES })),
  { at: [0, 0.08], radii: [0.052, 0.04], colour: NOSE },
  ...[-0.2, 0.2].map((x): Ellipse => ({ at: [x, -0.15], radii: [0.07, 0.154], colour: EARS })),
]

/** A JPEG of a drawn face on green. It is not a dog, but a valid photo. */
export function drawnJpeg(width = 480, height = 360): Buffer {
  const side = Math.min(width, height)
  const data = Buffer.alloc(width * height * 4, 255)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const part = FACE.findLast(({ at, radii }) => {
        const [across, down] = [x - width / 2 - at[0] * width, y - height / 2 - at[1] * height]
        return Math.hypot(across / (radii[0] * side), down / (radii[1] * side)) < 1
      })
      data.set(part?.colour ?? MEADOW, (y * width + x) * 4)
    }
  }
  return encode({ data, width, height }, 85).data
}

/** The same photo with extra bytes at the end, for a longer upload. Decoders ignore them. */
export function padded(photo: Buffer, bytes: number): Buffer {
  return Buffer.concat([photo, Buffer.alloc(bytes)])
}

/** A JPEG whose EXIF orientation is rotated by 90°: shown upright, its height is `width`. */
export function sidewaysJpeg(width = 480, height = 360): Buffer {
  const exif = Buffer.from('45786966000049492a0008000000010012010300010000000600000000000000', 'hex')
  const segment = Buffer.alloc(4)
  segment.writeUInt16BE(0xffe1, 0)
  segment.writeUInt16BE(exif.length + 2, 2)
  const photo = drawnJpeg(width, height)
  return Buffer.concat([photo.subarray(0, 2), segment, exif, photo.subarray(2)])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

/** A black PNG: a small file that takes long to decode. */
export function largePng(side: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([8, 2, 0, 0, 0], 8) // 8 bits, RGB
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  const pixels = deflateSync(Buffer.alloc((side * 3 + 1) * side), { level: 1 })
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))])
}

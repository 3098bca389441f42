import { useMemo } from 'react'
import styles from './HeatMap.module.css'
import type { Explanation } from './types'

/** Red, green and blue of the glow, and how strong it is where the heat is 1, of 255. */
const GLOW = [255, 196, 92] as const
const STRENGTH = 165

interface Props {
  explanation: Explanation
  /** The photo, whose pixels the glow is laid over. */
  photo: HTMLImageElement
}

/** One pixel for each place; the browser smooths them when it makes them large. */
function drawn({ rows, columns, heat }: Explanation): string {
  const canvas = document.createElement('canvas')
  canvas.width = columns
  canvas.height = rows
  const context = canvas.getContext('2d')
  if (!context) return ''
  const image = context.createImageData(columns, rows)
  heat.flat().forEach((value, index) => image.data.set([...GLOW, Math.round(value * STRENGTH)], index * 4))
  context.putImageData(image, 0, 0)
  return canvas.toDataURL()
}

/** Dims the photo except where it speaks for the answer. It covers exactly the photo, not the stage around it. */
export function HeatMap({ explanation, photo }: Props) {
  const url = useMemo(() => drawn(explanation), [explanation])
  const [left = 0, top = 0, right = 1, bottom = 1] = explanation.box
  const { naturalWidth: width, naturalHeight: height } = photo
  return (
    <svg className={styles.overlay} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <rect width={width} height={height} className={styles.shade} />
      <image
        href={url}
        x={left * width}
        y={top * height}
        width={(right - left) * width}
        height={(bottom - top) * height}
        preserveAspectRatio="none"
        className={styles.glow}
      />
    </svg>
  )
}

import { useMemo } from 'react'
import styles from './HeatMap.module.css'
import type { Explanation } from './types'

/** Red, green and blue of the shade, and how dense it is where the heat is 0, of 255. */
const SHADE = [8, 14, 11] as const
const DENSITY = 205

interface Props {
  explanation: Explanation
  /** The photo, whose pixels the glow is laid over. */
  photo: HTMLImageElement
}

/** One pixel of shade for each place; the browser smooths them when it makes them large. */
function drawn({ rows, columns, heat }: Explanation): string {
  const canvas = document.createElement('canvas')
  canvas.width = columns
  canvas.height = rows
  const context = canvas.getContext('2d')
  if (!context) return ''
  const image = context.createImageData(columns, rows)
  heat.flat().forEach((value, index) => image.data.set([...SHADE, Math.round((1 - value) * DENSITY)], index * 4))
  context.putImageData(image, 0, 0)
  return canvas.toDataURL()
}

/** Dims the photo except where it speaks for the answer. The part that the model did not see stays as it is. */
export function HeatMap({ explanation, photo }: Props) {
  const url = useMemo(() => drawn(explanation), [explanation])
  const [left = 0, top = 0, right = 1, bottom = 1] = explanation.box
  const { naturalWidth: width, naturalHeight: height } = photo
  return (
    <svg className={styles.overlay} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <image
        href={url}
        x={left * width}
        y={top * height}
        width={(right - left) * width}
        height={(bottom - top) * height}
        preserveAspectRatio="none"
      />
    </svg>
  )
}

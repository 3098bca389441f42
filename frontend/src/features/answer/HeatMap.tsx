import { useMemo } from 'react'
import type { Explanation } from '../../api/types'
import styles from './HeatMap.module.css'

/** The colour of the shade, and its opacity at heat 0, all of 255. */
const SHADE_RGB = [8, 14, 11] as const
const MAX_ALPHA = 205

interface Props {
  /** A class activation map: one value of 0..1 for each cell of a coarse grid. */
  explanation: Explanation
  /** The photo below the map, already loaded. */
  image: HTMLImageElement
}

/** A picture with one pixel for each cell. The browser smooths it when it scales it up. */
function drawShade({ rows, columns, heat }: Explanation): string {
  const canvas = document.createElement('canvas')
  canvas.width = columns
  canvas.height = rows
  const context = canvas.getContext('2d')
  if (!context) return ''
  const shade = context.createImageData(columns, rows)
  heat.flat().forEach((value, index) => shade.data.set([...SHADE_RGB, Math.round((1 - value) * MAX_ALPHA)], index * 4))
  context.putImageData(shade, 0, 0)
  return canvas.toDataURL()
}

/** Darkens the areas of the photo that contributed little to the answer. The part that the model did not see stays as it is. */
export function HeatMap({ explanation, image }: Props) {
  const url = useMemo(() => drawShade(explanation), [explanation])
  const [left = 0, top = 0, right = 1, bottom = 1] = explanation.box
  const { naturalWidth: width, naturalHeight: height } = image
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

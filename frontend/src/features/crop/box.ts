/** A part of the upright photo, in shares of its width and height, 0..1. */
export interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

/** Which edges a drag moves. All four move the whole box. */
export type Edges = (keyof Box)[]

export const ALL_EDGES: Edges = ['left', 'top', 'right', 'bottom']
export const CORNERS: Edges[] = [
  ['left', 'top'],
  ['right', 'top'],
  ['right', 'bottom'],
  ['left', 'bottom'],
]

const MARGIN = 0.1
/** A smaller part has too little detail, and its corners could not be told apart by touch. */
const MIN_SIDE = 0.1

function limited(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}

/** The suggested part, or the whole photo less a margin. */
export function startBox(frame: number[] | null | undefined): Box {
  const [left = MARGIN, top = MARGIN, right = 1 - MARGIN, bottom = 1 - MARGIN] = frame ?? []
  const whole = { left: 0, top: 0, right: 1, bottom: 1 }
  // Moving each edge from the whole photo keeps the box inside it and large enough.
  return resized(resized(whole, ['left', 'top'], left, top), ['right', 'bottom'], right - 1, bottom - 1)
}

/** Moves some edges, or all, by shares of the photo's width and height. The box stays inside the photo. */
export function dragged(box: Box, edges: Edges, across: number, down: number): Box {
  return edges.length === 4 ? moved(box, across, down) : resized(box, edges, across, down)
}

function moved(box: Box, across: number, down: number): Box {
  const x = limited(across, -box.left, 1 - box.right)
  const y = limited(down, -box.top, 1 - box.bottom)
  return { left: box.left + x, top: box.top + y, right: box.right + x, bottom: box.bottom + y }
}

function resized({ left, top, right, bottom }: Box, edges: Edges, across: number, down: number): Box {
  return {
    left: edges.includes('left') ? limited(left + across, 0, right - MIN_SIDE) : left,
    top: edges.includes('top') ? limited(top + down, 0, bottom - MIN_SIDE) : top,
    right: edges.includes('right') ? limited(right + across, left + MIN_SIDE, 1) : right,
    bottom: edges.includes('bottom') ? limited(bottom + down, top + MIN_SIDE, 1) : bottom,
  }
}

const STEP = 0.02
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
}

/** The box after a key: arrows move it, and with Shift they move its right and bottom edges. Null for other keys. */
export function afterKey(box: Box, key: string, withShift: boolean): Box | null {
  const step = ARROWS[key]
  return step ? dragged(box, withShift ? ['right', 'bottom'] : ALL_EDGES, ...step) : null
}

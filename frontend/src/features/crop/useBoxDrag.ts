import { useRef, type PointerEvent, type RefObject } from 'react'
import { dragged, type Box, type Edges } from './box'

/** Pointer handlers that drag some edges of the box. `area` is the element that the photo fills. */
export function useBoxDrag(area: RefObject<HTMLElement | null>, box: Box, onChange: (box: Box) => void) {
  const start = useRef<{ x: number; y: number; box: Box; edges: Edges } | null>(null)

  const onPointerMove = (event: PointerEvent) => {
    if (!start.current || !area.current) return
    const { x, y, box, edges } = start.current
    const { width, height } = area.current.getBoundingClientRect()
    onChange(dragged(box, edges, (event.clientX - x) / width, (event.clientY - y) / height))
  }
  const stop = () => {
    start.current = null
  }
  return (edges: Edges) => ({
    onPointerDown: (event: PointerEvent) => {
      event.stopPropagation() // a corner lies in the box
      event.currentTarget.setPointerCapture(event.pointerId)
      start.current = { x: event.clientX, y: event.clientY, box, edges }
    },
    onPointerMove,
    onPointerUp: stop,
    onPointerCancel: stop,
  })
}

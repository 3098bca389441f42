import styles from './ViewfinderCorners.module.css'

/** The four corners of a viewfinder: around the drop zone, and pulsing while a photo is analysed. */
export function ViewfinderCorners({ isPulsing = false }: { isPulsing?: boolean }) {
  return (
    <div className={styles.corners} data-pulsing={isPulsing} aria-hidden="true">
      <i />
      <i />
      <i />
      <i />
    </div>
  )
}

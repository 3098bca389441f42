import styles from './Corners.module.css'

/** A viewfinder's four corners: where a photo is wanted, or looked at. */
export function Corners({ pulsing = false }: { pulsing?: boolean }) {
  return (
    <div className={styles.corners} data-pulsing={pulsing} aria-hidden="true">
      <i />
      <i />
      <i />
      <i />
    </div>
  )
}

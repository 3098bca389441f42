import styles from './DogSketch.module.css'

export function DogSketch() {
  return (
    <svg viewBox="0 0 240 240" className={styles.sketch} aria-hidden="true">
      <path className={styles.coat} d="M120 44c37 0 60 25 60 66 0 54-24 94-60 94s-60-40-60-94c0-41 23-66 60-66Z" />
      <path
        className={styles.blaze}
        d="M120 46c9 0 13 26 15 52 2 24 25 32 25 56 0 30-18 48-40 48s-40-18-40-48c0-24 23-32 25-56 2-26 6-52 15-52Z"
      />
      <path className={styles.ear} d="M74 48c-28-2-46 26-46 68 0 26 11 42 24 42 20 0 32-36 40-98-3-7-10-12-18-12Z" />
      <path className={styles.ear} d="M166 48c28-2 46 26 46 68 0 26-11 42-24 42-20 0-32-36-40-98 3-7 10-12 18-12Z" />
      <circle className={styles.dark} cx="94" cy="113" r="7.5" />
      <circle className={styles.dark} cx="146" cy="113" r="7.5" />
      <path className={styles.dark} d="M98 150c0-10 11-14 22-14s22 4 22 14-13 20-22 20-22-10-22-20Z" />
      <path className={styles.mouth} d="M120 168v10m0 0c-3 7-14 9-21 4m21-4c3 7 14 9 21 4" />
    </svg>
  )
}

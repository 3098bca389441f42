import styles from './Introduction.module.css'

export function Introduction() {
  return (
    <div className={styles.introduction}>
      <p className={styles.lead}>Show a photo. You get the breed, and how sure the answer is.</p>
      <ul className={styles.hints}>
        <li>One dog, in good light, most of it in the picture.</li>
        <li>Drop it anywhere on this page, or paste it.</li>
        <li>JPEG, PNG, WebP, GIF, AVIF or HEIC, up to 20 MB.</li>
      </ul>
    </div>
  )
}

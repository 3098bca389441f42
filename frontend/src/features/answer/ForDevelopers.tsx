import { useTranslation } from 'react-i18next'
import type { AnyPrediction } from '../../api/types'
import { CopyButton } from '../../components/CopyButton'
import styles from './ForDevelopers.module.css'

/** Quotes text for a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@=./:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

export function ForDevelopers({ prediction, fileName = 'dog.jpg' }: { prediction: AnyPrediction; fileName?: string }) {
  const { t } = useTranslation()
  const json = JSON.stringify({ ...prediction, preview: undefined, secret: undefined }, null, 2) // people share it
  const curl = `curl -F ${quoted(`image=@${fileName}`)} ${new URL('/predictImage', window.location.href).href}`
  return (
    <div className={styles.developers}>
      {!prediction.on_device && <Code title={t('answer.curl')} text={curl} />}
      <Code title={t('answer.json')} text={json} />
    </div>
  )
}

function Code({ title, text }: { title: string; text: string }) {
  const { t } = useTranslation()
  return (
    <figure>
      <figcaption className={styles.head}>
        {title}
        <CopyButton text={text} label={t('app.copy')} />
      </figcaption>
      <pre className={styles.code} tabIndex={0} role="region" aria-label={title}>
        {text}
      </pre>
    </figure>
  )
}

import { useTranslation } from 'react-i18next'
import type { Conclusion } from '../../api/types'
import { CopyButton } from '../../components/CopyButton'
import styles from './ForDevelopers.module.css'

/** Quotes text for a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@=./:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** The request for one photo, or for several photos of one dog. */
function curlFor(fileNames: string[]): string {
  const path = fileNames.length > 1 ? '/api/predictions?same_dog=true' : '/predictImage'
  const photos = fileNames.map((name) => `-F ${quoted(`image=@${name}`)}`)
  return `curl ${photos.join(' ')} ${quoted(new URL(path, window.location.href).href)}`
}

interface Props {
  prediction: Conclusion
  fileNames?: string[]
}

export function ForDevelopers({ prediction, fileNames = ['dog.jpg'] }: Props) {
  const { t } = useTranslation()
  const json = JSON.stringify({ ...prediction, preview: undefined, secret: undefined }, null, 2) // people share it
  return (
    <div className={styles.developers}>
      {!prediction.on_device && <Code title={t('answer.curl')} text={curlFor(fileNames)} />}
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

import { useTranslation } from 'react-i18next'
import { useModel } from '../../api/useModel'
import styles from './BreedReferences.module.css'

/** Links to a breed in other catalogues. Nothing if none of them has it. */
export function BreedReferences({ breed }: { breed: string }) {
  const { t } = useTranslation()
  const known = useModel().data?.breeds.find((entry) => entry.breed === breed)
  const links = [
    { reference: known?.fci, textOf: (id: string) => t('compare.fci', { id }) },
    { reference: known?.vbo, textOf: (id: string) => id },
    { reference: known?.wikidata, textOf: (id: string) => t('compare.wikidata', { id }) },
  ]
  return (
    <p className={styles.references}>
      {links.map(
        ({ reference, textOf }) =>
          reference && (
            <a key={reference.id} href={reference.url} target="_blank" rel="noreferrer">
              {textOf(reference.id)}
            </a>
          ),
      )}
    </p>
  )
}

import { Measured } from './Measured'
import styles from './ModelFooter.module.css'
import { useModel } from './useModel'

/** Which model answers, and what it was measured to be worth. */
export function ModelFooter() {
  const { data: model, isError } = useModel()
  return (
    <footer className={styles.footer}>
      <div>
        <p>
          {model && (
            <>
              Answered by <strong>{model.name}</strong> {model.version}, which knows {model.breeds.length} breeds.
            </>
          )}
          {isError && 'The model’s details are not available right now.'}
          {!model && !isError && '\u00a0'}
        </p>
        {model && <Measured metrics={model.metrics} />}
      </div>
      <nav className={styles.links} aria-label="For developers">
        <a href="/api/docs/">API documentation</a>
        <a href="/api/">API</a>
      </nav>
    </footer>
  )
}

import Markdown from 'markdown-to-jsx/react'
import { useRef, useEffect, useState } from 'react'
import styles from './ModelPage.module.css'

/** What comes with the model, as whoever trained it wrote it. Its headings stand below the page's own. */
export default function ModelCard({ markdown }: { markdown: string }) {
  return (
    <Markdown
      className={styles.card}
      options={{
        disableParsingRawHTML: true,
        overrides: { h1: 'h3', h2: 'h4', h3: 'h5', table: ScrollingTable },
      }}
    >
      {markdown}
    </Markdown>
  )
}

/** Wider than a phone: it scrolls, by keyboard too. */
function ScrollingTable(props: React.ComponentProps<'table'>) {
  const box = useRef<HTMLDivElement>(null)
  const [isWider, setIsWider] = useState(false)
  useEffect(() => setIsWider(box.current !== null && box.current.scrollWidth > box.current.clientWidth), [])
  return (
    <div ref={box} className={styles.table} tabIndex={isWider ? 0 : undefined}>
      <table {...props} />
    </div>
  )
}

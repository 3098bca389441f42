import Markdown from 'markdown-to-jsx/react'
import { useRef, useEffect, useState } from 'react'
import styles from './ModelCard.module.css'

/** The model card from the bundle. Its headings are moved below the page's own headings. */
export default function ModelCard({ markdown }: { markdown: string }) {
  return (
    <Markdown
      className={styles.card}
      options={{
        disableParsingRawHTML: true,
        overrides: {
          h1: { component: 'h3' },
          h2: { component: 'h4' },
          h3: { component: 'h5' },
          table: ScrollingTable,
        },
      }}
    >
      {markdown}
    </Markdown>
  )
}

/** Scrolls sideways if it is wider than the page. Then it takes the focus, so that the keyboard can scroll it. */
function ScrollingTable(props: React.ComponentProps<'table'>) {
  const box = useRef<HTMLDivElement>(null)
  const [isWider, setIsWider] = useState(false)
  useEffect(() => setIsWider(box.current !== null && box.current.scrollWidth > box.current.clientWidth), [])
  return (
    // eslint-disable-next-line jsx-a11y-x/no-noninteractive-tabindex -- only an area that scrolls takes the focus
    <div ref={box} className={styles.table} tabIndex={isWider ? 0 : undefined}>
      <table {...props} />
    </div>
  )
}

import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { build, type Plugin, type Rolldown } from 'vite'

interface Options {
  /** The service worker's source, and the file in the output folder that it becomes. */
  entry: string
  fileName: string
}

interface PageFile {
  url: string
  revision: string | null
  integrity?: string
}

/** Builds the service worker once the page is written, with the list of the page's files in `PAGE_FILES`. */
export function serviceWorker({ entry, fileName }: Options): Plugin {
  return {
    name: 'dogbreed:service-worker',
    apply: 'build',
    async writeBundle({ dir }) {
      if (!dir) throw new Error('The service worker needs the folder to which the page is written.')
      writeFileSync(join(dir, fileName), await bundled(entry, pageFiles(dir)))
    },
  }
}

/**
 * The name of an asset changes with its content. Of the others the hash is checked when they are fetched: during a
 * deployment a server may give an index.html of another version, and it must not be kept with the assets of this one.
 */
function pageFiles(dir: string): PageFile[] {
  const paths = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => relative(dir, join(file.parentPath, file.name)).split(sep).join('/'))
  return paths.sort().map((path) => {
    const url = path === 'index.html' ? '/' : `/${path}`
    if (path.startsWith('assets/')) return { url, revision: null }
    const revision = createHash('sha256')
      .update(readFileSync(join(dir, path)))
      .digest('base64')
    return { url, revision, integrity: `sha256-${revision}` }
  })
}

/** One classic script: browsers may not import modules in service workers. */
async function bundled(entry: string, files: PageFile[]): Promise<string> {
  const result = await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    define: { PAGE_FILES: JSON.stringify(files), 'process.env.NODE_ENV': '"production"' },
    build: { write: false, rolldownOptions: { input: entry, output: { format: 'iife' } } },
  })
  const { output } = result as Rolldown.RolldownOutput
  const [script] = output
  if (output.length !== 1 || script.imports.length > 0) throw new Error(`${entry} must become one script.`)
  return script.code
}

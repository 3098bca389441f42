import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { build, type Plugin, type Rolldown } from 'vite'

interface Options {
  /** The source of the service worker. */
  entry: string
  /** Its name in the output folder. */
  fileName: string
}

/** What private mode needs is downloaded when it is chosen. */
const LEFT_OUT = 'assets/private/'

interface PageFile {
  url: string
  revision: string | null
  integrity?: string
}

/** A Vite plugin that builds the service worker after the page. It replaces `PAGE_FILES` with the list of the page's files. */
export function buildServiceWorker({ entry, fileName }: Options): Plugin {
  return {
    name: 'dogbreed:service-worker',
    apply: 'build',
    async writeBundle({ dir }) {
      if (!dir) throw new Error('The output folder of the build is missing.')
      writeFileSync(join(dir, fileName), await bundle(entry, pageFiles(dir)))
    },
  }
}

/**
 * The name of an asset contains a hash of its content. The browser checks the hash of other files when it downloads them:
 * during a deployment, a server may send an index.html of another version. It must not be cached with these assets.
 */
function pageFiles(dir: string): PageFile[] {
  const paths = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => relative(dir, join(file.parentPath, file.name)).split(sep).join('/'))
    .filter((path) => !path.startsWith(LEFT_OUT))
  return paths.sort().map((path) => {
    const url = path === 'index.html' ? '/' : `/${path}`
    if (path.startsWith('assets/')) return { url, revision: null }
    const revision = createHash('sha256')
      .update(readFileSync(join(dir, path)))
      .digest('base64')
    return { url, revision, integrity: `sha256-${revision}` }
  })
}

/** One classic script, because not all browsers support modules in service workers. */
async function bundle(entry: string, files: PageFile[]): Promise<string> {
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

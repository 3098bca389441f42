import { fileURLToPath } from 'node:url'
import { createServer, type HtmlTagDescriptor, type Plugin, type ResolvedConfig, type Rolldown } from 'vite'
import type { FirstScreen } from '../src/app/prerender'

interface Options {
  /** The module that renders the first screen. */
  renderer: string
  /** The module that makes it work, loaded after the first paint. */
  starter: string
  /** The most bytes of script, before compression, that may be loaded until the page works. */
  maxScriptBytes: number
}

/**
 * A Vite plugin that puts the first screen into index.html, in each language, with the styles that it needs. The browser shows
 * it before React has loaded. The build fails if the scripts of the first screen grow above a limit.
 */
export function firstScreen({ renderer, starter, maxScriptBytes }: Options): Plugin {
  let config: ResolvedConfig
  return {
    name: 'dogbreed:first-screen',
    apply: 'build',
    configResolved(resolved) {
      config = resolved
    },
    transformIndexHtml: {
      order: 'post',
      async handler(html, { bundle = {} }) {
        const chunks = loadedAtFirst(bundle, starter)
        checkSize(chunks, maxScriptBytes)
        const styles = new Set(chunks.flatMap(({ viteMetadata }) => [...(viteMetadata?.importedCss ?? [])]))
        return {
          // Without this, a browser might show the page before the script has chosen the language.
          html: html.replace('<script type="module"', '<script type="module" blocking="render"'),
          tags: [
            ...[...styles].filter((file) => !html.includes(file)).map(styleTag),
            ...(await render(renderer, config)).map(templateTag),
          ],
        }
      },
    },
  }
}

function styleTag(file: string): HtmlTagDescriptor {
  return { tag: 'link', attrs: { rel: 'stylesheet', crossorigin: true, href: `/${file}` }, injectTo: 'head' }
}

function templateTag({ language, title, html, notLoaded }: FirstScreen): HtmlTagDescriptor {
  const attrs = { 'data-first-screen': true, lang: language, title, 'data-not-loaded': notLoaded }
  return { tag: 'template', attrs, children: html, injectTo: 'body' }
}

/** Runs the renderer in Node, with the settings of this build. */
async function render(renderer: string, { root, configFile }: ResolvedConfig): Promise<FirstScreen[]> {
  const server = await createServer({
    root,
    configFile,
    appType: 'custom',
    logLevel: 'error',
    server: { middlewareMode: true, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true, include: [] },
  })
  try {
    const { prerender } = (await server.ssrLoadModule(renderer)) as { prerender: () => Promise<FirstScreen[]> }
    return await prerender()
  } finally {
    await server.close()
  }
}

/** The entry, the starter, and what they import. */
function loadedAtFirst(bundle: Rolldown.OutputBundle, starter: string): Rolldown.OutputChunk[] {
  const chunks = Object.values(bundle).filter((output) => output.type === 'chunk')
  const found = new Set(chunks.filter((chunk) => chunk.isEntry || starter in chunk.modules))
  for (const chunk of found) {
    chunks.filter(({ fileName }) => chunk.imports.includes(fileName)).forEach((imported) => found.add(imported))
  }
  return [...found]
}

function checkSize(chunks: Rolldown.OutputChunk[], maxBytes: number) {
  const bytes = chunks.reduce((sum, { code }) => sum + Buffer.byteLength(code), 0)
  if (bytes <= maxBytes) return
  const modules = chunks.flatMap((chunk) => Object.entries(chunk.modules))
  const largest = modules.sort(([, one], [, other]) => other.renderedLength - one.renderedLength).slice(0, 12)
  throw new Error(
    `The scripts of the first screen have ${bytes} bytes, ${bytes - maxBytes} more than allowed. Load new parts on demand ` +
      '(LazyPart and React.lazy), or raise the limit in vite.config.ts if all visitors need them at once. The largest ' +
      `modules: ${largest.map(([id, { renderedLength }]) => `${id} ${renderedLength}`).join(', ')}.`,
  )
}

/** Whether a module is one of these, or imported by one of them, directly or indirectly, but not on demand. */
export function isImportedBy(
  importers: string[],
  id: string,
  modules: Rolldown.ChunkingContext,
  seen = new Set<string>(),
): boolean {
  if (importers.includes(id)) return true
  if (seen.has(id)) return false
  seen.add(id)
  return modules.getModuleInfo(id)?.importers.some((other) => isImportedBy(importers, other, modules, seen)) ?? false
}

/** The absolute path of a file, as Rolldown names modules. */
export function sourceFile(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url))
}

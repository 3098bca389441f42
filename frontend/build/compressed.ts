import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const WORTHWHILE = /\.(html|js|css|svg|webmanifest)$/
const MIN_BYTES = 1024

/** Writes `.gz` and `.br` beside the page's files: whitenoise and nginx (gzip_static) send them as they are. */
export function compressed(): Plugin {
  return {
    name: 'dogbreed:compressed',
    apply: 'build',
    writeBundle: {
      order: 'post', // after the service worker
      sequential: true,
      handler({ dir = '' }) {
        for (const file of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
          if (WORTHWHILE.test(file)) compress(join(dir, file))
        }
      },
    },
  }
}

function compress(path: string) {
  const content = readFileSync(path)
  if (content.length < MIN_BYTES) return
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length }
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params })) // at its highest quality, which is the default
}

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const COMPRESSIBLE = /\.(html|js|css|svg|wasm|webmanifest)$/
const MIN_BYTES = 1024
/** Brotli's highest quality takes a minute and a half for ONNX Runtime, and makes it a tenth smaller than this one. */
const LARGE_BYTES = 1_000_000
const QUALITY_OF_LARGE = 9

/** A Vite plugin that adds `.gz` and `.br` versions of the page's files, for WhiteNoise and nginx (gzip_static). */
export function compressed(): Plugin {
  return {
    name: 'dogbreed:compressed',
    apply: 'build',
    writeBundle: {
      order: 'post', // after the service worker
      sequential: true,
      handler({ dir = '' }) {
        for (const file of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
          if (COMPRESSIBLE.test(file)) compress(join(dir, file))
        }
      },
    },
  }
}

function compress(path: string) {
  const content = readFileSync(path)
  if (content.length < MIN_BYTES) return
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
  const params = {
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    [constants.BROTLI_PARAM_QUALITY]: content.length < LARGE_BYTES ? constants.BROTLI_MAX_QUALITY : QUALITY_OF_LARGE,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
  }
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params }))
}

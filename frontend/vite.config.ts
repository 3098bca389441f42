import react from '@vitejs/plugin-react'
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { buildServiceWorker } from './build/buildServiceWorker.ts'
import { compressed } from './build/compressed.ts'
import { firstScreen, isImportedBy, sourceFile } from './build/firstScreen.ts'

const runtime = fileURLToPath(import.meta.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'))
const api = process.env.DOGBREED_API ?? 'http://127.0.0.1:8000'

const STARTER = sourceFile('src/app/start.tsx')
/** What src/app/pages.ts loads while the page is idle. */
const NEXT_PARTS = ['history/HistoryPage', 'model/ModelPage', 'answer/AnswerPage', 'predict/NewAnswer']
  .map((page) => `src/pages/${page}.tsx`)
  .concat('src/features/answer/WhyThisAnswer.tsx')
  .map(sourceFile)

export default defineConfig({
  plugins: [
    react(),
    firstScreen({
      renderer: sourceFile('src/app/prerender.tsx'),
      starter: STARTER,
      maxScriptBytes: 378_000,
    }),
    buildServiceWorker({ entry: sourceFile('worker/serviceWorker.ts'), fileName: 'sw.js' }),
    compressed(),
  ],
  define: { RUNTIME_BYTES: statSync(runtime).size },
  worker: {
    format: 'es',
    rolldownOptions: {
      // In a folder of its own: the service worker caches these files only when private mode is chosen.
      output: {
        entryFileNames: 'assets/private/[name]-[hash].js',
        assetFileNames: 'assets/private/[name]-[hash][extname]',
      },
    },
  },
  css: {
    // Such as `PhotoFrame-camera`: readable, and shorter in the compressed scripts than names with a hash.
    modules: { generateScopedName: (name, file) => `${basename(file, '.module.css')}-${name}` },
  },
  build: {
    // Browsers without modulepreload load the scripts a little later, which is better than code for them in every browser.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600, // kB, before compression
    rolldownOptions: {
      output: {
        codeSplitting: {
          // One script before the first paint, one after it, and one for later: each further file costs a round trip.
          groups: [
            { name: 'first', tags: ['$initial'], priority: 3 },
            {
              debugName: 'page',
              name: (id, modules) => (isImportedBy([STARTER], id, modules) ? 'page' : null),
              priority: 2,
            },
            {
              debugName: 'next',
              name: (id, modules) => (isImportedBy(NEXT_PARTS, id, modules) ? 'next' : null),
              priority: 1,
            },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': api, '/predictImage': api } },
  preview: { proxy: { '/api': api, '/predictImage': api } },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: 'src/testing/setup.ts',
    testTimeout: 40_000, // tests must not fail on a busy machine
    maxWorkers: 1, // starting a second worker takes longer than it saves
  },
})

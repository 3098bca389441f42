import react from '@vitejs/plugin-react'
import { basename } from 'node:path'
import { defineConfig } from 'vitest/config'
import { buildServiceWorker } from './build/buildServiceWorker.ts'
import { compressed } from './build/compressed.ts'
import { firstScreen, isImportedBy, sourceFile } from './build/firstScreen.ts'

const api = process.env.DOGBREED_API ?? 'http://127.0.0.1:8000'

const STARTER = sourceFile('src/app/start.tsx')

export default defineConfig({
  plugins: [
    react(),
    firstScreen({
      renderer: sourceFile('src/app/prerender.tsx'),
      starter: STARTER,
      maxScriptBytes: 400_000,
    }),
    buildServiceWorker({ entry: sourceFile('worker/serviceWorker.ts'), fileName: 'sw.js' }),
    compressed(),
  ],
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
          // One script before the first paint and one after it: each further file costs a round trip.
          groups: [
            { name: 'first', tags: ['$initial'], priority: 1 },
            { debugName: 'page', name: (id, modules) => (isImportedBy(STARTER, id, modules) ? 'page' : null) },
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

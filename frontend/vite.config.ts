import react from '@vitejs/plugin-react'
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { buildServiceWorker } from './build/buildServiceWorker.ts'
import { compressed } from './build/compressed.ts'
import { stylesFirst } from './build/stylesFirst.ts'

const worker = fileURLToPath(new URL('worker/serviceWorker.ts', import.meta.url))
const runtime = fileURLToPath(import.meta.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'))
const api = process.env.DOGBREED_API ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react(), stylesFirst(), buildServiceWorker({ entry: worker, fileName: 'sw.js' }), compressed()],
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
      // One file for all scripts of the first view: each further file costs a round trip.
      output: { codeSplitting: { groups: [{ name: 'page', tags: ['$initial'] }] } },
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

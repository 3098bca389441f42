import react from '@vitejs/plugin-react'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { compressed } from './build/compressed.ts'
import { serviceWorker } from './build/serviceWorker.ts'
import { stylesFirst } from './build/stylesFirst.ts'

const worker = fileURLToPath(new URL('worker/serviceWorker.ts', import.meta.url))
const api = process.env.DOGBREED_API ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react(), stylesFirst(), serviceWorker({ entry: worker, fileName: 'sw.js' }), compressed()],
  build: {
    chunkSizeWarningLimit: 600, // kB, before compression
    rolldownOptions: {
      // What is needed before anything can be shown comes as one file: each file more costs a phone a round trip.
      output: { codeSplitting: { groups: [{ name: 'page', tags: ['$initial'] }] } },
    },
  },
  server: { proxy: { '/api': api, '/predictImage': api } },
  preview: { proxy: { '/api': api, '/predictImage': api } },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: 'src/testing/setup.ts',
    testTimeout: 40_000, // a busy machine is no reason to fail
    maxWorkers: 1, // the suite is small; start-up of a second worker costs more than it saves
  },
})

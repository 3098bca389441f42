import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const api = process.env.DOGBREED_API ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [react()],
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

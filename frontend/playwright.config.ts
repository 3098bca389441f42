import { fileURLToPath } from 'node:url'
import { defineConfig } from '@playwright/test'

const repository = fileURLToPath(new URL('..', import.meta.url))
const address = `127.0.0.1:${process.env.DOGBREED_E2E_PORT ?? 8765}`
/** The address of a running server. If it is not set, the tests start their own. */
const running = process.env.DOGBREED_URL

export default defineConfig({
  testDir: '../tests/e2e',
  outputDir: 'test-results',
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 }, // tests must not fail on a busy machine
  forbidOnly: Boolean(process.env.CI),
  reporter: 'list',
  use: {
    baseURL: running ?? `http://${address}`,
    serviceWorkers: 'block', // each test would download the whole page again; service-worker.spec.ts allows them
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'e2e', testMatch: '*.spec.ts' },
    { name: 'screenshots', testMatch: 'screenshots.ts' },
    { name: 'benchmark', testMatch: ['benchmark.ts', 'private-benchmark.ts'] },
  ],
  webServer: running
    ? undefined
    : {
        command:
          '.venv/bin/python manage.py migrate --verbosity 0 && ' +
          `exec .venv/bin/gunicorn --config deploy/gunicorn.conf.py --bind ${address} dogbreed.wsgi`,
        env: { DOGBREED_VAR: `${repository}/var/e2e` },
        cwd: repository,
        url: `http://${address}/api/`,
        timeout: 60_000,
        reuseExistingServer: false,
      },
})

import { readdirSync } from 'node:fs'
import js from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import { createNodeResolver, importX } from 'eslint-plugin-import-x'
import jsxA11y from 'eslint-plugin-jsx-a11y-x'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

const SRC = 'frontend/src'
const PAGE = [`${SRC}/**/*.{ts,tsx}`]
const TESTS = [`${SRC}/**/*.test.{ts,tsx}`, `${SRC}/testing/**`]

// Imports go one way: app -> pages -> features -> components -> api.
const ROOMS = ['app', 'pages', 'features', 'components', 'api']

/** Each room may import only from the rooms after it. */
const roomZones = ROOMS.map((room, index) => ({
  target: `${SRC}/${room}`,
  from: [`${SRC}/main.tsx`, ...ROOMS.slice(0, index).map((earlier) => `${SRC}/${earlier}`)],
  message: `Imports go one way: ${ROOMS.join(' -> ')}.`,
}))

/** Neighbours in one room do not know each other. */
function neighbourZones(room, message) {
  const folders = readdirSync(`${import.meta.dirname}/${SRC}/${room}`)
  return folders.map((name) => ({
    target: `${SRC}/${room}/${name}`,
    from: `${SRC}/${room}`,
    except: [`./${name}`],
    message,
  }))
}

const ARROWS = [
  ...roomZones,
  ...neighbourZones('features', 'A feature imports no other feature. Let a page compose them.'),
  ...neighbourZones('pages', 'A page imports no other page. Move what both need into a feature.'),
  {
    target: `${SRC}/locales`,
    from: ROOMS.map((room) => `${SRC}/${room}`),
    message: 'Texts do not depend on the page.',
  },
  {
    target: ['pages', 'features', 'components'].map((room) => `${SRC}/${room}`),
    from: `${SRC}/api/schema.d.ts`,
    message: 'This file is generated. Its types have names in api/types.ts.',
  },
  {
    target: SRC,
    from: ['frontend/build', 'frontend/worker', 'tests'],
    message: 'The page does not import its build, its service worker or its end-to-end tests.',
  },
  {
    target: 'tests/e2e',
    from: 'frontend',
    message: 'End-to-end tests use the page as a visitor does.',
  },
]

const FOR_TESTS_ONLY = {
  target: SRC,
  from: `${SRC}/testing`,
  message: 'Only tests import from testing.',
}

const restrictedPaths = (zones) => ({ 'import-x/no-restricted-paths': ['error', { zones }] })

export default defineConfig(
  globalIgnores([
    'frontend/dist/',
    'frontend/screenshots/',
    'frontend/test-results/',
    'frontend/playwright-report/',
    `${SRC}/api/schema.d.ts`,
  ]),
  { files: ['eslint.config.js'], ...js.configs.recommended },
  {
    files: ['frontend/**/*.{ts,tsx}', 'tests/e2e/**/*.ts'],
    extends: [js.configs.recommended, tseslint.configs.recommended, importX.flatConfigs.typescript],
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.tsx', '.d.ts', '.js'] })] },
    rules: {
      ...restrictedPaths([...ARROWS, FOR_TESTS_ONLY]),
      'import-x/no-cycle': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
    },
  },
  { files: TESTS, rules: restrictedPaths(ARROWS) },
  {
    files: PAGE,
    extends: [reactHooks.configs.flat.recommended, jsxA11y.configs.recommended],
    rules: {
      // Areas that scroll take the focus, so that the keyboard can scroll them.
      'jsx-a11y-x/no-noninteractive-tabindex': ['error', { roles: ['region'] }],
    },
  },
)

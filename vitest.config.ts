import { defineConfig } from 'vitest/config'

/** Chaos tests take long: only `npm run test:chaos` runs them. */
// biome-ignore lint/suspicious/noUndeclaredEnvVars: no Turborepo task runs this file
const chaos = process.env.WINNOW_TEST_CHAOS === '1'

// It would be printed by every test file that uses S3; the containers run a later Node.js.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

export default defineConfig({
  // Packages resolve to their TypeScript sources in tests, so a change is tested without a build.
  resolve: { conditions: ['winnow-source', 'node'] },
  ssr: { resolve: { conditions: ['winnow-source', 'node', 'import', 'default'] } },
  test: {
    include: [
      'packages/**/*.test.ts',
      'services/**/*.test.ts',
      'infra/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', ...(chaos ? [] : ['test/chaos/**'])],
    globalSetup: './test/stack/global-setup.ts',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', './test/reporter/summary-line.ts'],
  },
})

import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Packages resolve to their TypeScript sources in tests, so a change is tested without a build.
  resolve: { conditions: ['winnow-source', 'node'] },
  ssr: { resolve: { conditions: ['winnow-source', 'node', 'import', 'module', 'default'] } },
  test: {
    include: ['packages/**/*.test.ts', 'services/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', './test/reporter/summary-line.ts'],
  },
})

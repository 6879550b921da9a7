import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const long = Boolean(process.env.PLUMBLINE_LONG)

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'test/**/*.test.ts', 'e2e/**/*.test.ts'],
    exclude: long ? [] : ['**/*.long.test.ts'],
    globalSetup: ['test/setup.ts'],
    pool: 'forks',
    // By itself it would leave one core idle, which is half of the smallest machine that this must do on. Each worker has a
    // database server of its own (test/setup.ts).
    maxWorkers: process.env.TEST_DATABASE_URL ? 1 : Math.min(4, availableParallelism()),
    // Against tests that hang, not slow ones: a busy machine takes its time.
    testTimeout: long ? 600_000 : 120_000,
    hookTimeout: 120_000,
  },
})

import { defineConfig } from 'vitest/config'

const long = Boolean(process.env.PLUMBLINE_LONG)

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'test/**/*.test.ts', 'e2e/**/*.test.ts'],
    exclude: long ? [] : ['**/*.long.test.ts'],
    globalSetup: ['test/setup.ts'],
    pool: 'forks',
    testTimeout: long ? 600_000 : 30_000,
    hookTimeout: 120_000,
  },
})

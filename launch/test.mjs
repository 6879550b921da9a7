// Runs everything that must hold: types, lint, then all tests. Closes with `N passed, N failed, N skipped`.
// --long adds what takes longer (*.long.test.ts). Other arguments are handed to vitest (a file name, -t NAME).
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, ensureNode, root } from './ready.mjs'

const args = process.argv.slice(2)
const long = args.includes('--long')
const filters = args.filter((arg) => arg !== '--long')
const bin = (path) => join(root, 'node_modules', path)
const node = (...rest) => spawnSync(process.execPath, rest, { cwd: root, stdio: 'inherit' }).status === 0

function ensureBrowser() {
  if (process.env.CHROMIUM || existsSync('/usr/bin/chromium')) return
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  process.stderr.write('test: installing Chromium through apt (once)\n')
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 2, 2] })
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}

ensureNode()
ensureInstalled()
ensureBuilt()
ensureBrowser()

const count = { passed: 0, failed: 0, skipped: 0 }
const gate = (name, ok) => {
  console.log(`${ok ? 'ok' : 'FAILED'}: ${name}`)
  count[ok ? 'passed' : 'failed']++
}
if (!filters.length) {
  gate('types', node(bin('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json'))
  gate('lint and format', node(bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'))
}

function tests(args, env) {
  const report = join(mkdtempSync(join(tmpdir(), 'plumbline-test-')), 'report.json')
  const failedBefore = count.failed
  const { status } = spawnSync(
    process.execPath,
    [bin('vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
    { cwd: root, stdio: 'inherit', env: { ...process.env, PLUMBLINE_WEB: join(root, 'dist', 'web'), ...env } },
  )
  if (existsSync(report)) {
    const result = JSON.parse(readFileSync(report, 'utf8'))
    count.passed += result.numPassedTests
    count.failed += result.numFailedTests
    count.skipped += result.numPendingTests + (result.numTodoTests ?? 0)
    // A file that fails before its first test has no failed test to its name.
    for (const file of result.testResults) if (file.status === 'failed' && !file.assertionResults.length) count.failed++
  }
  if (status !== 0 && count.failed === failedBefore) count.failed++
}

if (long && !filters.length) {
  tests([], { PLUMBLINE_LONG: '' })
  // One after the other: they measure memory and time, and one of them runs the tests of the database once more.
  tests(['.long.test.', '--no-file-parallelism'], { PLUMBLINE_LONG: '1' })
} else tests(filters, { PLUMBLINE_LONG: long ? '1' : '' })
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
process.exitCode = count.failed ? 1 : 0

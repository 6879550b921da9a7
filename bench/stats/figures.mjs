// What the benches of the statistics share: times, rows of a report, and a Python with the packages to compare with.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export function seconds(run) {
  const from = performance.now()
  run()
  return (performance.now() - from) / 1000
}

/** Prints a figure; one that does not hold ends the bench with exit code 1. */
export function row(name, value, holds) {
  if (holds === false) process.exitCode = 1
  console.log(`${name.padEnd(64)} ${value}${holds === undefined ? '' : holds ? '  holds' : '  FALLS SHORT'}`)
}

/** Python of a virtual environment in node_modules/.cache with the packages; undefined, and said so, where none can be made. */
export function pythonWith(name, packages, imports) {
  const folder = fileURLToPath(new URL(`../../node_modules/.cache/${name}`, import.meta.url))
  const python = join(folder, 'bin', 'python')
  const has = () => existsSync(python) && spawnSync(python, ['-c', `import ${imports}`]).status === 0
  if (!has()) {
    spawnSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' })
    spawnSync(python, ['-m', 'pip', 'install', '-q', ...packages], { stdio: ['ignore', 2, 2] })
  }
  if (has()) return python
  rmSync(folder, { recursive: true, force: true })
  console.log(`SKIPPED: no Python with ${packages.join(', ')} could be made; nothing was compared with them`)
}

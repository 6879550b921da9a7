/**
 * The tests of every database feature once more, on a PostgreSQL server instead of the embedded one: TEST_DATABASE_URL,
 * or one that is installed on this machine through apt. The same files, the same expectations.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const debian = '/usr/lib/postgresql'
const binOf = (): string | undefined =>
  existsSync(debian)
    ? readdirSync(debian)
        .filter((version) => Number(version) >= 15)
        .map((version) => join(debian, version, 'bin'))
        .find((bin) => existsSync(join(bin, 'initdb')))
    : undefined

function install(): string | undefined {
  if (binOf() || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return binOf()
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env })
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'postgresql'], { stdio: 'ignore', env })
  return binOf()
}

const account = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
let folder: string | undefined

/** A server of our own, on a socket in a temporary folder: the machine's may hold somebody's data. */
function startServer(bin: string): string {
  folder = mkdtempSync(join(tmpdir(), 'plumbline-server-'))
  chmodSync(folder, 0o777)
  const run = (name: string, ...args: string[]) => {
    const { status, stderr } = spawnSync(join(bin, name), args, {
      ...account,
      cwd: '/',
      encoding: 'utf8',
      timeout: 60_000,
    })
    if (status !== 0) throw new Error(`${name}: ${stderr}`)
  }
  const cluster = join(folder, 'cluster')
  run('initdb', '-D', cluster, '-U', 'tester', '-A', 'trust', '-E', 'UTF8', '--locale', 'C.UTF-8', '-N')
  const options = `-c listen_addresses= -c fsync=off -c max_connections=200 -k ${folder}`
  run('pg_ctl', '-D', cluster, '-w', '-l', join(folder, 'log'), '-o', options, 'start')
  return `postgresql://tester@/postgres?host=${encodeURIComponent(folder)}`
}

afterAll(() => {
  if (!folder) return
  spawnSync(join(binOf()!, 'pg_ctl'), ['-D', join(folder, 'cluster'), '-w', '-m', 'fast', 'stop'], {
    ...account,
    cwd: '/',
  })
  rmSync(folder, { recursive: true, force: true })
})

const given = process.env.TEST_DATABASE_URL
const bin = given ? undefined : install()

/** Everything that talks to the database; the browser and the engines do not see which one it is. */
const suites = [
  ...['src/platform', 'src/people', 'src/projects', 'src/models', 'src/collect', 'src/assure', 'src/learn'],
  ...['src/evaluate', 'src/loop', 'test'],
].filter((path) => existsSync(join(root, path)))

it.skipIf(!given && !bin)(
  'all database tests pass on a server (needs TEST_DATABASE_URL, or PostgreSQL through apt)',
  async () => {
    const env = { ...process.env, TEST_DATABASE_URL: given ?? startServer(bin!), PLUMBLINE_LONG: '' }
    const args = ['run', '--reporter=dot', '--exclude', 'src/platform/database/embedded/**', ...suites]
    const vitest = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...args], { cwd: root, env })
    let said = ''
    for (const stream of [vitest.stdout, vitest.stderr])
      stream.on('data', (chunk: Buffer) => (said = `${said}${chunk}`.slice(-8_000)))
    const [status] = await once(vitest, 'exit')
    expect(status, said).toBe(0)
  },
  1_800_000,
)

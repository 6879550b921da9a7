/** Walks every import of src/ and fails on an arrow that the layout does not allow (ARCHITECTURE.md, "Arrows"). */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const src = fileURLToPath(new URL('../src', import.meta.url))

const engines = ['stats', 'trainer', 'formats', 'checks']
const nouns = ['projects', 'people', 'models']
const stations = ['collect', 'assure', 'learn', 'evaluate', 'loop']
/** Gather everything, and nothing imports them. */
const gathering = [
  'main.ts',
  'serve.ts',
  'thread.ts',
  'contract.ts',
  'router.ts',
  'web/app.tsx',
  'web/routes.tsx',
  'web/routes.ts',
]

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file) && !file.endsWith('fixture.ts'))
  .map((file) => file.replaceAll('\\', '/'))

interface Arrow {
  from: string
  to: string
}

/** Static, dynamic and side-effect imports of files of ours. */
const pattern = /\bfrom\s+'(\.[^']+)'|\bimport\(\s*'(\.[^']+)'\s*\)|^import\s+'(\.[^']+)'/gm

const arrows: Arrow[] = files.flatMap((from) =>
  [...readFileSync(join(src, from), 'utf8').matchAll(pattern)].map(([, a, b, c]) => ({
    from,
    to: relative(src, resolve(dirname(join(src, from)), (a ?? b ?? c)!)).replaceAll('\\', '/'),
  })),
)

const top = (file: string) => file.split('/')[0]!
const isEngineCli = (file: string) =>
  engines.includes(top(file)) && (file.endsWith('/cli.ts') || file.split('/')[1] === 'cli')

/** What the server loads. A screen is loaded by the browser alone, through a dynamic import of a kind. */
const server = new Set<string>(['main.ts', 'thread.ts'])
for (const file of server) for (const { from, to } of arrows) if (from === file && !to.endsWith('.tsx')) server.add(to)

/** Why an import is not allowed; undefined where it is. */
function fault({ from, to }: Arrow): string | undefined {
  if (gathering.includes(from)) return undefined
  // A client of the public API needs nothing of ours but its contract.
  if (to === 'contract.ts' && from === 'demo/client.ts') return undefined
  if (gathering.includes(to)) return 'only the gathering files stand above everything'
  const [a, b] = [top(from), top(to)]
  if (a === b && !(engines.includes(a) && isEngineCli(to) && !isEngineCli(from))) return undefined
  if (engines.includes(a)) {
    if (!isEngineCli(from)) return 'an engine imports nothing of ours'
    return b === 'platform' || b === 'formats'
      ? undefined
      : 'the command line of an engine uses platform and formats alone'
  }
  if (a === 'platform' && b !== 'web') return engines.includes(b) ? undefined : 'the ground imports engines at most'
  if (a === 'web') return b === 'platform' || engines.includes(b) ? undefined : 'a shared widget knows no feature'
  if (b === 'web') return server.has(from) ? 'the server never loads a widget' : undefined
  if (nouns.includes(a)) return stations.includes(b) ? 'a noun never uses a station' : undefined
  if (stations.includes(a))
    return stations.includes(b) && stations.indexOf(b) > stations.indexOf(a)
      ? 'a station never uses a later one'
      : undefined
  if (a === 'demo') {
    if (b === 'platform' || b === 'stats') return undefined
    // Somebody has to make the project and the keys with which the client begins.
    if (from === 'demo/bootstrap.ts' && nouns.includes(b)) return undefined
    return 'the demo is a client of the public API'
  }
  return `${a} is no folder of the layout`
}

it('finds the imports at all', () => {
  expect(arrows.length).toBeGreaterThan(200)
  expect(arrows).toContainEqual(expect.objectContaining({ from: 'main.ts', to: 'projects/cli.ts' }))
})

it('allows every arrow', () => {
  const faults = arrows.flatMap((arrow) => {
    const why = fault(arrow)
    return why ? [`${arrow.from} -> ${arrow.to}: ${why}`] : []
  })
  expect(faults).toEqual([])
})

describe('the rule itself', () => {
  it.each([
    ['stats/agreement/kappa.ts', 'platform/errors.ts'],
    ['platform/jobs.ts', 'projects/store.ts'],
    ['projects/server.ts', 'collect/tasks/store.ts'],
    ['collect/tasks/server.ts', 'assure/review/store.ts'],
    ['web/table.tsx', 'collect/tasks/contract.ts'],
    ['assure/review/server.ts', 'web/table.tsx'],
    ['collect/tasks/server.ts', 'main.ts'],
  ])('forbids %s -> %s', (from, to) => {
    expect(fault({ from, to })).toBeDefined()
  })
  it.each([
    ['assure/review/server.ts', 'collect/tasks/store.ts'],
    ['collect/work/screen.tsx', 'web/keys.tsx'],
    ['stats/cli/agreement.ts', 'platform/command.ts'],
  ])('allows %s -> %s', (from, to) => {
    expect(fault({ from, to })).toBeUndefined()
  })
})

it('keeps React out of the server', () => {
  const text = (file: string) => readFileSync(join(src, file), 'utf8').replaceAll(/import type [^\n]*/g, '')
  expect(server.size).toBeGreaterThan(100)
  expect([...server].filter((file) => files.includes(file) && /from 'react/.test(text(file)))).toEqual([])
})

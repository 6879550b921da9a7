import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testHttp } from '../../../test/http.ts'
import { type JudgedProject, judgedProject } from '../../../test/judged.ts'
import { addMember } from '../../../test/project.ts'
import { inTransaction } from '../../platform/sql.ts'
import { promote } from '../gates/read.ts'
import type { Board } from './contract.ts'
import { boardOf, type Judged, type Source } from './rules.ts'

const from = (origins: Record<string, string>) =>
  new Map(Object.entries(origins).map(([id, origin]): [string, Source] => [id, { origin, length: 10 }]))
const judged = (first: string, second: string, strength: number, person = 'p', prompt = 'q'): Judged => ({
  person,
  prompt,
  kind: 'compare',
  targets: [first, second],
  payload: { strength },
})
const times = (n: number, one: Judged) => Array.from({ length: n }, () => one)
const sources = from({ a: 'A', a2: 'A', b: 'B', c: 'C', d: 'D' })
const board = (all: Judged[]) => boardOf(all, sources, 'preference', 'as-it-is')

describe('the board', () => {
  it('gives 3 of 4 a distance of log 3, a tie as half a win for each', () => {
    const { policies, matrix } = board([...times(3, judged('a', 'b', -1)), judged('a', 'b', 2)])
    const [best, second] = policies.map(({ strength }) => (strength as { value: number }).value)
    expect(best! - second!).toBeCloseTo(Math.log(3), 8)
    expect(matrix).toMatchObject([{ first: 'A', second: 'B', wins: 3, losses: 1, ties: 0 }])
    const tied = board([judged('a', 'b', -1), judged('a', 'b', 1), judged('a', 'b', 0)])
    expect(tied.policies[0]!.strength).toMatchObject({ value: 0 })
    expect(tied.policies[0]!.won.value).toBe(0.5)
  })

  it('never puts groups that nothing links into one order', () => {
    const all = [...times(3, judged('a', 'b', -1)), judged('a', 'b', 1), judged('c', 'd', 1), judged('c', 'd', -1)]
    const groups = board(all).policies.map(({ key, group }) => [key, group])
    expect(new Map(groups as [string, number][]).get('A')).not.toBe(new Map(groups as [string, number][]).get('C'))
    expect(new Set(groups.map(([, group]) => group)).size).toBe(2)
  })

  it('gives the places that the intervals leave open', () => {
    const clear = [...times(90, judged('a', 'b', -1)), ...times(10, judged('a', 'b', 1))]
    const near = [...times(11, judged('c', 'd', -1)), ...times(10, judged('c', 'd', 1))]
    const places = new Map(board([...clear, ...near]).policies.map(({ key, place }) => [key, place]))
    expect(Object.fromEntries(places)).toEqual({
      A: { best: 1, worst: 1 },
      B: { best: 2, worst: 2 },
      C: { best: 1, worst: 2 },
      D: { best: 1, worst: 2 },
    })
  })

  it('is less certain where several people judge one prompt than where each judges another', () => {
    const outcomes = Array.from({ length: 12 }, (_, i) => (i % 4 ? -1 : 1))
    const asked = (promptOf: (i: number, n: number) => string) =>
      board(
        outcomes.flatMap((strength, i) => [0, 1, 2].map((n) => judged('a', 'b', strength, `p${n}`, promptOf(i, n)))),
      )
    const [together, apart] = [asked((i) => `${i}`), asked((i, n) => `${i} ${n}`)]
    expect([together.independent, apart.independent]).toEqual(['prompts', 'prompts'])
    const width = ({ low, high }: { low: number; high: number }) => high - low
    expect(width(together.matrix[0]!.won)).toBeGreaterThan(1.4 * width(apart.matrix[0]!.won))
    expect(width(together.policies[0]!.won)).toBeGreaterThan(1.4 * width(apart.policies[0]!.won))
    const strength = ({ policies }: typeof together) => policies[0]!.strength as { low: number; high: number }
    expect(width(strength(together))).toBeGreaterThan(1.4 * width(strength(apart)))
    expect(board(times(3, judged('a', 'b', -1))).matrix[0]!.won).toEqual({ value: 1, low: 0, high: 1, n: 3 })
  })

  it('says why who never lost has no strength', () => {
    const { policies } = board(times(5, judged('a', 'b', -1)))
    expect(policies.map(({ key, strength }) => [key, Object.keys(strength)])).toEqual([
      ['A', ['undefined']],
      ['B', ['undefined']],
    ])
  })

  it('leaves out what compares a policy with itself, and what prefers nothing, and counts both', () => {
    const both = { person: 'p', prompt: 'q', kind: 'compare', targets: ['a', 'b'], payload: { bothBad: true } }
    expect(board([judged('a', 'a2', 1), both, judged('a', 'gone', 1)])).toMatchObject({
      judgements: 0,
      policies: [],
      leftOut: { sameOrigin: 2, noPreference: 1 },
    })
  })

  it('takes length out of the strengths where it alone decides', () => {
    const long = new Map<string, Source>([
      ['short-a', { origin: 'A', length: 100 }],
      ['long-a', { origin: 'A', length: 200 }],
      ['short-b', { origin: 'B', length: 100 }],
      ['long-b', { origin: 'B', length: 200 }],
    ])
    // The longer one wins 3 of 4 times; A is longer more often.
    const all = [
      ...times(30, judged('long-a', 'short-b', -1)),
      ...times(10, judged('long-a', 'short-b', 1)),
      ...times(3, judged('short-a', 'long-b', 1)),
      ...times(1, judged('short-a', 'long-b', -1)),
    ]
    const strength = (style: 'as-it-is' | 'length') =>
      boardOf(all, long, 'preference', style).policies.find(({ key }) => key === 'A')!.strength as { value: number }
    expect(strength('as-it-is').value).toBeGreaterThan(0.2)
    expect(strength('length').value).toBeCloseTo(0, 6)
    expect(boardOf(all, long, 'preference', 'length').lengthEffect).toMatchObject({
      value: expect.closeTo(Math.log(3), 6),
    })
  })

  it('says so where length cannot be told from the policies', () => {
    const { lengthEffect, policies } = boardOf(
      [judged('a', 'b', 1), judged('a', 'b', -1)],
      sources,
      'preference',
      'length',
    )
    expect(lengthEffect).toHaveProperty('undefined')
    expect(policies).toHaveLength(2)
  })
})

describe('over the API', () => {
  let at: JudgedProject
  beforeAll(async () => {
    at = await judgedProject({ tasks: 40 })
  })
  afterAll(() => at.database.close())

  it('ranks policies by what people said, in two groups, and names them', async () => {
    const http = await testHttp(at)
    const viewer = await addMember(at, 'Viewer', 'viewer')
    const { status, body } = await http.call('GET', `/projects/${at.project}/leaderboard?judges=all`, {
      key: viewer.key,
    })
    expect(status).toBe(200)
    const { policies, judgements, people } = body as unknown as Board
    expect(judgements).toBe(120)
    expect(people).toBe(5)
    expect(body).toMatchObject({ simulated: true, attributes: ['preference'] })
    const ofSet = (...names: string[]) => policies.filter(({ name }) => names.includes(name)).map(({ name }) => name)
    expect(ofSet('tuned', 'reference', 'first-draft')).toEqual(['tuned', 'reference', 'first-draft'])
    expect(new Set(policies.map(({ group }) => group)).size).toBeGreaterThanOrEqual(2)
  })
  it('leaves out people whose work looks careless or biased, and says how many', async () => {
    const http = await testHttp(at)
    const viewer = await addMember(at, 'Reader', 'viewer')
    const get = async (path: string) =>
      (await http.call('GET', `/projects/${at.project}${path}`, { key: viewer.key })).body
    const { rows } = (await get('/quality/suspects')) as unknown as { rows: { person: { id: string } }[] }
    const suspected = new Set(rows.map(({ person }) => person.id)).size
    expect(suspected).toBeGreaterThan(0)
    const trusted = (await get('/leaderboard')) as unknown as Board
    expect(trusted.people).toBe(5 - suspected)
    expect(trusted.leftOut.suspects.people).toBe(suspected)
    expect(trusted.judgements + trusted.leftOut.suspects.judgements).toBe(120)
    expect(await get('/leaderboard?judges=all')).toMatchObject({
      judgements: 120,
      leftOut: { suspects: { judgements: 0, people: 0 } },
      newestOf: null,
    })
  })

  it('marks the policy in force, with the reason where a lead decided against its gates', async () => {
    const http = await testHttp(at)
    const viewer = await addMember(at, 'Another', 'viewer')
    const show = async () =>
      (await http.call('GET', `/projects/${at.project}/leaderboard`, { key: viewer.key })).body as unknown as Board
    expect((await show()).policies.some(({ inForce }) => inForce)).toBe(false)
    const policy = at.policies.tuned!
    const override = 'It is what we ship.'
    await inTransaction(at.db, (trx) => promote(trx, { project: at.project, policy, override }, new Date()))
    expect((await show()).policies.filter(({ inForce }) => inForce)).toMatchObject([{ key: policy, override }])
  })

  it('takes the tasks of an evaluation alone, where it is asked to', async () => {
    const http = await testHttp(at)
    const viewer = await addMember(at, 'A third', 'viewer')
    const judged = async () =>
      (await http.call('GET', `/projects/${at.project}/leaderboard?tasks=evaluation&judges=all`, { key: viewer.key }))
        .body
    expect(await judged()).toMatchObject({ judgements: 0, policies: [] })
    await sql`UPDATE tasks SET purpose = 'evaluation' WHERE id IN (SELECT id FROM tasks ORDER BY id LIMIT 10)`.execute(
      at.db,
    )
    expect(await judged()).toMatchObject({ judgements: 30 })
  })
})

import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { type JudgedProject, judgedProject } from '../../../test/judged.ts'
import { addMember } from '../../../test/project.ts'
import { newId } from '../../platform/ids.ts'

let at: JudgedProject
let http: TestHttp
let key: string
beforeAll(async () => {
  at = await judgedProject({ tasks: 60 })
  http = await testHttp(at)
  const viewer = await addMember(at, 'Viewer', 'viewer')
  key = viewer.key
})
afterAll(() => at.database.close())

interface Shown {
  rows: Record<string, never>[]
}
const get = async <T = Shown>(path: string, as = key) => {
  const { status, body } = await http.call('GET', `/projects/${at.project}${path}`, { key: as })
  expect([status, body.message]).toEqual([200, undefined])
  return body as T
}

it('gives agreement with intervals, by tag and over time, and says that people are simulated', async () => {
  const { rows, slices, overTime, simulated } = await get<Record<string, never>>('/quality/agreement')
  expect(rows).toMatchObject([{ attribute: 'preference', people: 5, percent: { n: 60 } }])
  expect(slices).toMatchObject([
    { label: 'delivery', percent: { n: 30 } },
    { label: 'returns', percent: { n: 30 } },
  ])
  expect(overTime).toMatchObject({ every: 'day', rows: [{ label: '2026-03-02' }, {}, {}] })
  expect(simulated).toBe(true)
})

it('sets every two people who share tasks beside each other', async () => {
  const { people, pairs } = await get<{ people: object[]; pairs: { agreement: { n: number } }[] }>('/quality/pairs')
  expect(people).toHaveLength(5)
  // 60 tasks of three votes make 180 meetings of two people.
  expect(pairs.reduce((sum, { agreement }) => sum + agreement.n, 0)).toBe(180)
})

interface Suspect {
  person: { simulatedAs: string }
  kind: string
  why: string
  low: number
  high: number
  n: number
}

it('names the left-biased, with the numbers behind it, and none of the careful', async () => {
  const { rows, people } = await get<{ rows: Suspect[]; people: number }>('/quality/suspects')
  expect(people).toBe(5)
  const side = rows.find(({ kind }) => kind === 'side')!
  expect(side).toMatchObject({
    person: { simulatedAs: 'left-biased' },
    why: expect.stringContaining('left of the screen'),
  })
  expect(side.low).toBeGreaterThan(0.6)
  for (const careful of ['careful', 'careful too', 'steady'])
    expect(rows.filter(({ person }) => person.simulatedAs === careful)).toEqual([])
})

it('says the same beside each person', async () => {
  const { rows: suspects } = await get<{ rows: Suspect[] }>('/quality/suspects')
  const { rows } = await get<{ rows: { findings: object[] }[] }>('/quality/people')
  expect(rows.flatMap(({ findings }) => findings)).toHaveLength(suspects.length)
})

it('pages contested tasks, all of them once, and filters them by kind', async () => {
  interface Page {
    rows: { id: string; task: string; kind: string }[]
    next: string | null
    counts: Record<string, number>
  }
  const seen: string[] = []
  let after = ''
  let counts: Record<string, number> = {}
  do {
    const page = await get<Page>(`/quality/contested?limit=7${after && `&after=${encodeURIComponent(after)}`}`)
    seen.push(...page.rows.map(({ id }) => id))
    counts = page.counts
    after = page.next ?? ''
  } while (after)
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.length).toBe(Object.values(counts).reduce((a, b) => a + b, 0))
  expect(seen.length).toBeGreaterThan(10)
  const errors = await get<Page>('/quality/contested?kind=error&limit=200')
  expect(errors.rows).toHaveLength(counts.error!)
})

it('measures what pulls at everybody: side, length and haste', async () => {
  const { position, length, longer, speed } =
    await get<Record<string, { n: number; low: number; high: number }>>('/quality/bias')
  expect(position!.n).toBeGreaterThan(150)
  for (const test of [position, length, longer, speed]) expect(test!.low).toBeLessThan(test!.high)
})

it('follows agreement over time, of all and of one person', async () => {
  const person = at.people.careful!.id
  interface Drift {
    every: string
    pool: { points: { label: string; n: number }[] }
    people: object[]
    points: { n: number }[]
    basis: object
  }
  const drift = await get<Drift>(`/quality/drift?person=${person}`)
  expect(drift.every).toBe('day')
  expect(drift.people).toHaveLength(5)
  expect(drift.pool.points.map(({ label }) => label)).toContain('2026-03-02')
  expect(drift.points.reduce((sum, { n }) => sum + n, 0)).toBeGreaterThan(10)
  expect(drift.basis).toEqual({ answers: 180, capped: false })
})

it('says plainly that there are no groups, until people carry skills', async () => {
  expect(await get('/quality/groups')).toMatchObject({ rows: [], people: 0, fewest: 5 })
  await sql`UPDATE memberships SET skills = '{nurse}' WHERE person_id = ${at.people.careful!.id}`.execute(at.db)
  expect(await get('/quality/groups')).toMatchObject({
    people: 1,
    rows: [{ skill: 'nurse', people: 1, others: 4, result: { undefined: expect.stringContaining('at least 5') } }],
  })
  await sql`UPDATE memberships SET skills = '{}'`.execute(at.db)
})

it('measures people against imported judgements on calibration tasks, whichever way round the key is stored', async () => {
  expect(await get('/quality/gold')).toMatchObject({ tasks: 0, people: [], points: [] })
  const { rows: tasks } = await sql<{ id: string; targets: string[] }>`
    UPDATE tasks SET purpose = 'calibration' WHERE id IN (SELECT id FROM tasks ORDER BY id LIMIT 20) RETURNING id, targets`.execute(
    at.db,
  )
  const careful = at.people.careful!.id
  for (const [n, { id, targets }] of tasks.entries()) {
    // The key: what the careful said, stored the other way round for every second one.
    const { rows } = await sql<{ strength: number }>`
      SELECT (payload->>'strength')::int AS strength FROM annotations WHERE task_id = ${id} AND person_id = ${careful}`.execute(
      at.db,
    )
    const strength = rows[0]?.strength ?? 1
    const turned = n % 2 === 1
    await sql`
      INSERT INTO annotations (id, project_id, task_id, source, step, kind, kind_version, targets, payload, at)
      VALUES (${newId()}, ${at.project}, ${id}, 'import', 'compare', 'compare', 1, ${turned ? [...targets].reverse() : targets}::uuid[],
        ${JSON.stringify({ strength: turned ? -strength : strength })}::jsonb, now())`.execute(at.db)
  }
  const gold = await get<{
    tasks: number
    all: { n: number }
    people: { person: { id: string }; right: { value: number; n: number } }[]
  }>('/quality/gold')
  expect(gold.tasks).toBe(20)
  expect(gold.all.n).toBe(60)
  expect(gold.people.find(({ person }) => person.id === careful)!.right.value).toBe(1)
  expect(gold.people.length).toBe(5)
  await sql`UPDATE tasks SET purpose = 'label'`.execute(at.db)
})

it('shows an annotator their own work and nobody else’s', async () => {
  const { key: own } = at.people.careful!
  const mine = await get<Record<string, unknown>>('/quality/mine', own)
  expect(mine).toMatchObject({ answered: 36, waiting: 0, notes: [], recentMedianMs: expect.any(Number) })
  expect(mine).not.toHaveProperty('findings')
  expect((await http.call('GET', `/projects/${at.project}/quality/people`, { key: own })).status).toBe(403)
})

import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { type JudgedProject, judgedProject } from '../../../test/judged.ts'
import { addPerson, join } from '../../../test/project.ts'

let at: JudgedProject
let http: TestHttp
let key: string
beforeAll(async () => {
  at = await judgedProject({ tasks: 60 })
  http = await testHttp(at)
  const viewer = await addPerson(at.db, 'Viewer')
  await join(at.db, at.project, viewer, 'viewer')
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

it('shows an annotator their own work and nobody else’s', async () => {
  const { key: own } = at.people.careful!
  const mine = await get<Record<string, unknown>>('/quality/mine', own)
  expect(mine).toMatchObject({ answered: 36, waiting: 0, notes: [], recentMedianMs: expect.any(Number) })
  expect(mine).not.toHaveProperty('findings')
  expect((await http.call('GET', `/projects/${at.project}/quality/people`, { key: own })).status).toBe(403)
})

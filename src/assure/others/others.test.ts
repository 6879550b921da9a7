import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { type JudgedProject, judgedProject } from '../../../test/judged.ts'
import { namesOnScreen } from '../../collect/tasks/order.ts'
import { changeProject } from '../../projects/store.ts'
import type { MyAnswer } from './contract.ts'
import { othersOn } from './rules.ts'

let at: JudgedProject
let http: TestHttp

beforeAll(async () => {
  at = await judgedProject({ tasks: 20 })
  http = await testHttp(at)
})
afterAll(() => at.database.close())

const mine = async (person: string, query = '') => {
  const { body } = await http.call('GET', `/projects/${at.project}/my-answers${query}`, { key: at.people[person]!.key })
  return body as unknown as { rows: MyAnswer[]; next: string | null; showsOthers: boolean }
}

it('shows one’s own answers alone until the project lets people see others', async () => {
  const { rows, showsOthers } = await mine('careful')
  expect(showsOthers).toBe(false)
  expect(rows.length).toBeGreaterThan(3)
  expect(rows.every(({ others }) => others.length === 0)).toBe(true)
  expect(rows[0]!.judgements[0]).toMatchObject({
    step: 'compare',
    kind: 'compare',
    payload: { strength: expect.any(Number) },
  })
})

it('tells which response stood where on one’s own screen', async () => {
  const { rows } = await mine('left-biased', '?limit=200')
  const chosen = rows.flatMap(({ judgements }) =>
    judgements.map(
      ({ payload, order }) => namesOnScreen(order)[(payload as { strength: number }).strength < 0 ? 0 : 1],
    ),
  )
  expect(chosen.length).toBeGreaterThan(8)
  expect(chosen.filter((name) => name === 'A').length / chosen.length).toBeGreaterThan(0.8)
})

it('counts others who said the same, page by page, and names nobody', async () => {
  await changeProject(at.db, at.project, { settings: { showOthersAfterSubmit: true } })
  const [first, all] = [await mine('careful', '?limit=3'), await mine('careful', '?limit=200')]
  const second = await mine('careful', `?limit=3&after=${first.next}`)
  expect([...first.rows, ...second.rows]).toEqual(all.rows.slice(0, 6))
  const others = all.rows.flatMap((row) => row.others)
  expect(others.length).toBeGreaterThan(5)
  expect(others.every(({ attribute, same, total }) => attribute === 'preference' && same <= total && total <= 2)).toBe(
    true,
  )
  expect(others.some(({ same }) => same > 0)).toBe(true)
  const text = JSON.stringify(all)
  for (const person of Object.values(at.people)) expect(text).not.toContain(person.id)
})

it('compares only what was said of the same targets in the same step', () => {
  const said = (step: string, targets: string[], strength: number) => ({
    step,
    kind: 'compare',
    targets,
    payload: { strength },
  })
  const own = [said('compare', ['a', 'b'], 2)]
  const rest = [
    said('compare', ['a', 'b'], 1),
    said('compare', ['a', 'b'], -1),
    said('again', ['a', 'b'], 1),
    said('compare', ['b', 'a'], 1),
  ]
  expect(othersOn(own, rest)).toEqual([{ step: 'compare', attribute: 'preference', same: 1, total: 2 }])
  expect(othersOn(own, [])).toEqual([])
})

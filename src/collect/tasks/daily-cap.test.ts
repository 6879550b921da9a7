import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { type TestProject, testProject } from '../../../test/project.ts'
import { changeProject } from '../../projects/store.ts'

let at: TestProject
let http: TestHttp
beforeAll(async () => {
  at = await testProject({ tasks: 5, annotators: 1 })
  // Annotations carry the time of their ids, which is the machine's.
  at.clock.now = new Date()
  http = await testHttp(at)
  await changeProject(at.db, at.project, { settings: { dailyCapHours: 1 } })
})
afterAll(() => at.database.close())

const call = (method: string, path: string, body?: unknown, key = 'k') =>
  http.call(method, path, { key: at.annotators[0]!.key, body, headers: { 'idempotency-key': key } })
const claim = () => call('POST', `/projects/${at.project}/claim`, {})
async function answer(activeMs: number) {
  const { id } = (await claim()).body.assignment as { id: string }
  await call(
    'POST',
    `/assignments/${id}/submit`,
    { annotations: [{ step: 'compare', payload: { strength: 1 } }], activeMs },
    id,
  )
}

it('hands out nothing more once the hours of the day are worked, and again the next day', async () => {
  await answer(30 * 60_000)
  at.clock.advance(61)
  await answer(30 * 60_000)
  at.clock.advance(61)
  expect((await claim()).body).toEqual({ assignment: null, reason: 'daily-cap' })
  expect((await call('GET', `/projects/${at.project}/progress`)).body).toMatchObject({
    today: 2,
    activeMsToday: 3_600_000,
    capReached: true,
    open: 3,
  })
  at.clock.advance(24 * 3600)
  expect((await claim()).body.assignment).not.toBeNull()
})

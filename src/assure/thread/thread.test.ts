import { afterAll, beforeAll, expect, it } from 'vitest'
import { type JudgedProject, judgedProject } from '../../../test/judged.ts'
import { type StatisticsThread, statisticsThread } from './background.ts'
import { inThisThread, type Measure, work } from './work.ts'

let at: JudgedProject
let thread: StatisticsThread<Measure>
beforeAll(async () => {
  at = await judgedProject({ tasks: 24 })
  thread = statisticsThread(() => at.database.connection)
})
afterAll(async () => {
  await thread.close()
  await at.database.close()
})

it('measures what the same work measures here, several pieces at once', async () => {
  const input = { project: at.project }
  const there = await Promise.all([
    thread.measure('suspects', input),
    thread.measure('agreement', input),
    thread.measure('contested', { ...input, limit: 5 }),
  ])
  const here = inThisThread(work)(at.db)
  expect(there).toEqual([
    await here('suspects', input),
    await here('agreement', input),
    await here('contested', { ...input, limit: 5 }),
  ])
})

it('says what is wrong, works on, and begins anew after it has rested', async () => {
  await expect(thread.measure('suspects', { project: 'no id' })).rejects.toThrow('no id')
  expect((await thread.measure('suspects', { project: at.project })).people).toBe(5)
  await thread.close()
  expect((await thread.measure('suspects', { project: at.project })).people).toBe(5)
})

it('rests by itself when nobody asks', async () => {
  const short = statisticsThread(() => at.database.connection, { idleMs: 1 })
  await short.measure('suspects', { project: at.project })
  await short.measure('suspects', { project: at.project })
  await short.close()
})

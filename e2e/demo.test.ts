/** The demo on a smaller plan, beside a browser that looks on: two rounds, across the death of the server, and out of the way. */
import { afterAll, describe, expect, it } from 'vitest'
import { bootstrap } from '../src/demo/bootstrap.ts'
import { measure } from '../src/demo/measure.ts'
import { type DemoPlan, demoPlan } from '../src/demo/plan.ts'
import { type Course, play } from '../src/demo/script.ts'
import { openData } from '../src/platform/data-option.ts'
import { axe, faultsOf, type Page } from '../test/browser.ts'
import { fill } from './keyboard.ts'
import { stage } from './stage.ts'

const seed = 5

/** Models that have learned next to nothing, and gates that let them pass: what is tried here is the course, not the gain. */
const plan: DemoPlan = {
  ...demoPlan,
  demonstrations: { plain: 80, polite: 40 },
  repliesACustomer: 1,
  plain: { ...demoPlan.plain, steps: 40, warmupSteps: 4 },
  polite: { ...demoPlan.polite, steps: 8, warmupSteps: 1 },
  rounds: (first) => {
    const round = demoPlan.rounds(first)
    return {
      ...round,
      prompts: { ...round.prompts, limit: 70 },
      judgements: { pairing: 'one-pair', overlap: 2 },
      reward: { source: 'train', settings: { ...round.reward?.settings, steps: 6, warmupSteps: 1 } },
      training: { algorithm: 'grpo', settings: { ...round.training?.settings, steps: 2, batchSize: 4, groupSize: 4 } },
    }
  },
  gates: { minWinRate: 0, minJudgements: 2, minLengthRatio: 0, maxLengthRatio: 100, maxKl: 100, maxJunk: 1 },
  compared: 20,
}

const set = stage()
const stopping = new AbortController()
let playing: Promise<Course | { stopped: unknown }>
let page: Page
let faults: readonly string[]

/** Begins the demo, or goes on with it. */
async function begin(): Promise<void> {
  const { db, close } = await openData({ data: set.plumbline.data })
  const cast = await bootstrap(db, set.plumbline.url, new Date()).finally(close)
  playing = play({ url: set.plumbline.url, cast, seed, signal: stopping.signal, plan }).catch((stopped: unknown) => ({
    stopped,
  }))
}

afterAll(() => stopping.abort())

describe('the demo', () => {
  it('is what an owner sees first, and says that its people are simulated', async () => {
    await begin()
    page = await set.open()
    faults = faultsOf(page)
    await page.goto(set.plumbline.setupLink)
    await page.getByRole('heading', { name: 'Set up Plumbline' }).waitFor()
    await fill(page, 'Olga Owner', 'olga@example.org', 'correct horse battery')
    await page.getByRole('heading', { name: 'Loop', level: 1 }).waitFor()
    await page.getByText('Its customers and annotators are simulated').waitFor()
  })

  it('goes on where it stood when the server dies in the middle', async () => {
    await page.getByRole('list', { name: 'Round 1' }).waitFor({ timeout: 90_000 })
    await set.plumbline.crash()
    expect(await playing).toHaveProperty('stopped')
    await begin()
    await page.getByRole('list', { name: 'Round 2' }).waitFor({ timeout: 90_000 })
  })

  it('ends with two rounds, and with figures that say what was measured', async () => {
    const course = await playing
    if ('stopped' in course) throw course.stopped
    const measured = await measure(course, stopping.signal)
    expect(measured.rounds).toBe(2)
    expect(measured.times.map(({ number }) => number)).toEqual([1, 2])
    for (const { latency } of measured.times) expect(latency).toBeGreaterThan(0)
    expect(measured.annotations).toBeGreaterThan(40)
    expect(measured.policy).toMatchObject({ model: expect.any(String), n: measured.policy.samples.length })
    expect(measured.policy.model).not.toBe(measured.policy.baseModel)
  })

  it('shows what was gained, and goes out of the way for a project of one’s own', async () => {
    await page.reload()
    await page.getByText(/took over in round 2/).waitFor()
    expect(await axe(page)).toEqual([])
    await page.getByRole('button', { name: 'Start my own project' }).click()
    await page.getByRole('dialog', { name: 'New project' }).waitFor()
    await fill(page, 'My own')
    await page.getByRole('heading', { name: 'No round has begun yet' }).waitFor()
    await page.goto('/')
    await page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor()
    await page.getByText('My own').first().waitFor()
  })

  it('met no fault in the browser but the death of its server', () => {
    // Before anybody is signed in the page asks who is there.
    const expected = /401|ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|Failed to fetch/
    expect(faults.filter((fault) => !expected.test(fault))).toEqual([])
  })
})

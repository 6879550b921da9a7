/** The Loop screen: empty, at work, waiting for somebody, in trouble, through; wide and narrow, light and dark. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { faultsOf } from '../../test/browser.ts'
import type { JudgedProject } from '../../test/judged.ts'
import { looksRight } from '../../test/looks.ts'
import type { TestPerson } from '../../test/project.ts'
import { type ServedScreens, servedScreens } from '../../test/screens.ts'
import { registerCheckpoint } from '../models/checkpoints/store.ts'
import { type Facts, plan } from './contract.ts'
import { type StationName, stations } from './rules.ts'
import { addRound, keepStation, moveRound, type StationChange, setRoundState } from './store.ts'

let at: JudgedProject
let lead: TestPerson
let open: ServedScreens['open']
let close: (() => Promise<void>) | undefined
let policy: string

beforeAll(async () => {
  ;({ at, lead, open, close } = await servedScreens())
  const model = { project: at.project, head: 'lm', base: 'preset:1m', parameters: 1e6, bytes: 4e6 } as const
  policy = (await registerCheckpoint(at.db, { ...model, name: 'help desk', hash: Buffer.alloc(32) })).policy!
})
afterAll(() => close?.())

const through: Partial<Record<StationName, Facts>> = {
  prompts: { done: 180, total: 180 },
  samples: { done: 358, total: 360, failed: 2, cost: 0.4 },
  judgements: { done: 300, total: 300, people: 6, simulated: true, contested: 14, activeMs: 9e6 },
  quality: { alpha: { value: 0.46, low: 0.39, high: 0.53, n: 300 }, people: 6, suspects: [crypto.randomUUID()] },
  dataset: { name: 'round-1', rows: 281, testRows: 58 },
  reward: { done: 60, total: 60, accuracy: 0.74, name: 'reward 1' },
  policy: { done: 40, total: 40, kl: 0.12, name: 'grpo 1' },
  evaluation: { done: 120, total: 120, winRate: { value: 0.66, low: 0.58, high: 0.74, n: 120 }, kl: 0.11, people: 6 },
}

/** A round whose stations are through up to `here`, which stands as said. */
async function stand(here: StationName, change: Partial<StationChange>): Promise<string> {
  const { db, project } = at
  await at.database.pool.query(
    `UPDATE rounds SET state = 'closed', reason = 'a test' WHERE state IN ('open', 'failed')`,
  )
  const round = await addRound(db, project, plan.parse({ policy }), lead.id, new Date())
  for (const station of stations.slice(0, stations.indexOf(here)))
    await keepStation(db, round, station, { state: 'done', subject: null, facts: through[station]! }, new Date())
  await keepStation(db, round, here, { state: 'working', subject: null, facts: {}, ...change }, new Date())
  await moveRound(db, round, here)
  if (change.state === 'failed') await setRoundState(db, round, 'failed', null)
  return round
}

it('says what a round is where there is none, and begins one by keyboard', async () => {
  const page = await open('loop')
  await page.getByText('No round has begun yet').waitFor()
  await page.getByRole('button', { name: 'Begin a round' }).press('Enter')
  const form = page.getByRole('dialog', { name: 'Begin a round' })
  await form
    .getByLabel(/^Policy/)
    .first()
    .click()
  await page.getByRole('option', { name: 'help desk' }).click()
  await looksRight(page, 'loop-form')
  await form.getByRole('button', { name: 'Begin the round' }).press('Enter')
  await page.getByText(/Round 1 is at prompts/).waitFor()
  expect(faultsOf(page)).toEqual([])
  await page.context().close()
})

it('shows how far people are, and what it waits for', async () => {
  const facts = { done: 96, total: 300, leftMs: 7_200_000, people: 6, simulated: true, contested: 14, activeMs: 4e6 }
  await stand('judgements', { facts })
  const page = await open('loop')
  await page.getByText('96 of 300 comparisons').first().waitFor()
  await page.getByRole('status').filter({ hasText: 'about 2 h at today’s pace' }).waitFor()
  await page.getByText('by 6 simulated people').first().waitFor()
  await looksRight(page, 'loop-judging')
  await page.getByRole('button', { name: 'Go on with what is there…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Go on with what is there' })
  expect(await dialog.getByRole('button', { name: 'Go on' }).isDisabled()).toBe(true)
  await dialog.getByLabel('Why is it enough?').fill('a test')
  await dialog.getByRole('button', { name: 'Go on' }).click()
  await dialog.waitFor({ state: 'hidden' })
  expect(faultsOf(page)).toEqual([])
  await page.context().close()
})

it('sends the word of a lead for what was shown when it was asked, never for what came after', async () => {
  const round = await stand('judgements', { facts: { done: 96, total: 300 } })
  const page = await open('loop')
  await page.getByRole('button', { name: 'Go on with what is there…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Go on with what is there' })
  await dialog.getByLabel('Why is it enough?').fill('a holiday')
  await keepStation(at.db, round, 'evaluation', { state: 'working', subject: null, facts: {} }, new Date())
  await moveRound(at.db, round, 'evaluation')
  await page.getByText(/is at evaluation/).waitFor()
  await dialog.getByRole('button', { name: 'Go on' }).click()
  await dialog.getByText('This round does not wait at its judgements.').waitFor()
  await stand('judgements', { facts: { done: 97, total: 300 } })
  await dialog.waitFor({ state: 'hidden' })
  await page.getByText('97 of 300 comparisons').first().waitFor()
  await page.context().close()
})

it('stands out where somebody must decide, and where something failed', async () => {
  const page = await open('loop')
  const hint = 'Look at Quality for what people disagree on.'
  const problem = {
    code: 'conflict' as const,
    message: 'Agreement (alpha 0.21) is below the 0.4 that the plan asks for.',
    hint,
  }
  await stand('quality', { state: 'blocked', facts: through.quality!, problem })
  await page.getByRole('status').filter({ hasText: 'waits for you at quality' }).waitFor()
  await page.getByText(hint).waitFor()
  await looksRight(page, 'loop-blocked')
  const failed = await stand('policy', {
    state: 'failed',
    facts: { done: 12, total: 40 },
    problem: {
      code: 'unavailable',
      message: 'The loss leapt to 1e9 at step 12.',
      hint: 'Take a smaller learning rate.',
    },
  })
  await page.getByRole('status').filter({ hasText: 'failed at policy' }).waitFor()
  await looksRight(page, 'loop-failed')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText(/is at policy/).waitFor()
  await page.getByRole('button', { name: 'End the round…' }).click()
  await page.getByLabel('Why does it end here?').fill('the rate is too high')
  await page.getByRole('button', { name: 'End the round', exact: true }).click()
  await page.getByText('was ended: the rate is too high').waitFor()
  await page.getByRole('link', { name: /^Policy.*ended here/ }).waitFor()
  expect((await at.database.pool.query('SELECT state FROM rounds WHERE id = $1', [failed])).rows).toEqual([
    { state: 'closed' },
  ])
  expect(faultsOf(page)).toEqual([])
  await page.context().close()
})

it('shows a round that is through with what it came to', async () => {
  const gates = { passed: 5, failed: 0, unknown: 0 }
  const round = await stand('promotion', { state: 'done', facts: { gates, name: 'help desk', policy } })
  const subject = crypto.randomUUID()
  await keepStation(at.db, round, 'evaluation', { state: 'done', subject, facts: through.evaluation! }, new Date())
  await setRoundState(at.db, round, 'done', new Date())
  const page = await open('loop')
  await page.getByRole('status').filter({ hasText: 'is through: help desk takes over' }).waitFor()
  await page.getByText('people preferred its answers to those of help desk in 66% [58, 74], n = 120').waitFor()
  expect(await page.getByRole('link', { name: 'See both side by side' }).getAttribute('href')).toContain(subject)
  await page.getByRole('cell', { name: '66% [58, 74], n = 120' }).first().waitFor()
  await looksRight(page, 'loop-through')
  expect(faultsOf(page)).toEqual([])
  await page.context().close()
})

/** The Loop screen: empty, at work, waiting for somebody, in trouble, through; wide and narrow, light and dark. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { faultsOf } from '../../test/browser.ts'
import type { JudgedProject } from '../../test/judged.ts'
import { looksRight } from '../../test/looks.ts'
import type { TestPerson } from '../../test/project.ts'
import { type ServedScreens, servedScreens } from '../../test/screens.ts'
import { startHeadToHead } from '../evaluate/head-to-head/read.ts'
import { registerCheckpoint } from '../models/checkpoints/store.ts'
import type { Platform } from '../platform/context.ts'
import { inTransaction } from '../platform/sql.ts'
import { type Facts, plan } from './contract.ts'
import { type StationName, stations } from './rules.ts'
import { addRound, keepStation, moveRound, type StationChange, setRoundState } from './store.ts'

let at: JudgedProject
let lead: TestPerson
let open: ServedScreens['open']
let close: (() => Promise<void>) | undefined
let platform: Platform
let policy: string

beforeAll(async () => {
  ;({ at, lead, open, platform, close } = await servedScreens())
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

/** A head to head of the policy that has ended, with answers that would run what they say. */
async function answers(): Promise<string> {
  const plan = { project: at.project, candidate: policy, baseline: at.policies.tuned!, limit: 4 }
  const id = await inTransaction(at.db, (trx) => startHeadToHead(trx, platform, plan))
  await at.database.pool.query(`
    WITH drawn AS (
      INSERT INTO messages (id, project_id, parent_id, role, text, hash, author, author_id)
      SELECT s.id, s.project_id, p.message_id, 'assistant', '<img src=x onerror=alert(1)>Dear customer', s.id::text::bytea,
        'policy', s.policy_id
      FROM samples s JOIN prompts p ON p.id = s.prompt_id WHERE s.state = 'waiting' RETURNING id)
    UPDATE samples s SET state = 'done', message_id = s.id FROM drawn WHERE drawn.id = s.id`)
  await at.database.pool.query(`UPDATE head_to_heads SET state = 'done' WHERE id = $1`, [id])
  return id
}

it('says why nobody can foresee what a plan comes to, and tries again', async () => {
  const page = await open('loop')
  await page.route('**/rounds/foresee', (route) => route.abort())
  await page.getByRole('button', { name: 'Begin a round' }).click()
  const form = page.getByRole('dialog', { name: 'Begin a round' })
  const foreseen = form.getByText(/^About \d+ held-out prompts?, 1 person each/)
  await form
    .getByLabel(/^Policy/)
    .first()
    .click()
  await page.getByRole('option', { name: 'help desk' }).click()
  await form.getByRole('alert').waitFor()
  expect(await foreseen.count()).toBe(0)
  await page.unroute('**/rounds/foresee')
  await form.getByRole('alert').getByRole('button', { name: 'Try again' }).click()
  await foreseen.waitFor()
  await page.context().close()
})

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
  await form.getByText(/^About \d+ held-out prompts?, 1 person each/).waitFor()
  await form.getByText(/The gate of preference gives no verdict on fewer than 30 comparisons/).waitFor()
  await looksRight(page, 'loop-form')
  await form.getByText('More', { exact: true }).press('Enter')
  await form.getByRole('group', { name: 'Training of the policy' }).getByLabel('Learning rate').fill('1e-4')
  await form.getByLabel('Share held out').fill('0.3')
  await looksRight(page, 'loop-form-more')
  await form.getByRole('button', { name: 'Begin the round' }).press('Enter')
  await page.getByText(/Round 1 is at prompts/).waitFor()
  await page.getByText('Plan', { exact: true }).press('Enter')
  await page.getByText('Prefer directly (DPO); learning rate 0.0001').waitFor()
  await page.getByText('30% of prompts held out').waitFor()
  await looksRight(page, 'loop-plan')
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
  await page.getByRole('button', { name: 'Try again', exact: true }).click()
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

it('offers what a run that failed needs: other settings, or the model of its last good step', async () => {
  const problem = { code: 'diverged', message: 'The loss leapt to 1e9 at step 12.', hint: 'Try other settings.' }
  const round = await stand('policy', { state: 'failed', facts: { done: 12, total: 40, lastGood: 'dpo 1' }, problem })
  const page = await open('loop')
  await page.getByRole('button', { name: 'Go on with the last good model…' }).waitFor()
  await page.getByRole('button', { name: 'Try again with other settings…' }).press('Enter')
  const form = page.getByRole('dialog', { name: 'Try again with other settings' })
  await form.getByLabel('Learning rate').fill('5')
  await looksRight(page, 'loop-retry')
  await form.getByRole('button', { name: 'Try again with these' }).press('Enter')
  await form.getByText(/learningRate is 5/).waitFor()
  await form.getByLabel('Learning rate').fill('1e-5')
  await form.getByRole('button', { name: 'Try again with these' }).press('Enter')
  await form.waitFor({ state: 'hidden' })
  await page.getByText(/is at policy/).waitFor()
  const { rows } = await at.database.pool.query('SELECT plan FROM rounds WHERE id = $1', [round])
  expect(rows[0].plan.training.settings).toEqual({ learningRate: 1e-5 })
  // The answer that was refused is told by the browser as well.
  expect(faultsOf(page).filter((fault) => !fault.includes('400'))).toEqual([])
  await page.context().close()
})

it('offers more people where too little was compared for a verdict', async () => {
  const lacks = { decided: 20, needed: 30, pairs: 20, overlap: 1 }
  const gates = { passed: 3, failed: 0, unknown: 1 }
  const problem = { code: 'conflict', message: 'Not known: 20 comparisons, at least 30 are needed.' }
  await stand('promotion', { state: 'blocked', facts: { gates, lacks }, problem })
  const page = await open('loop')
  await page.getByRole('button', { name: 'Have more people judge each pair…' }).press('Enter')
  const form = page.getByRole('dialog', { name: 'Have more people judge each pair' })
  expect(await form.getByLabel('People a pair').inputValue()).toBe('2')
  await looksRight(page, 'loop-ask-more')
  await page.context().close()
})

it('leads from its cards to what belongs to the round', async () => {
  const round = await stand('judgements', { facts: { done: 96, total: 300 } })
  const page = await open('loop')
  await page.getByRole('link', { name: /^Judgements/ }).click()
  await page.getByRole('heading', { level: 1, name: 'Tasks' }).waitFor()
  await page.getByText('Nothing matches these filters.').waitFor()
  expect(page.url()).toContain(round)
  await page.context().close()
})

it('shows a round that is through with what it came to', async () => {
  const gates = { passed: 5, failed: 0, unknown: 0 }
  const round = await stand('promotion', { state: 'done', facts: { gates, name: 'help desk', policy } })
  const subject = crypto.randomUUID()
  await keepStation(at.db, round, 'evaluation', { state: 'done', subject, facts: through.evaluation! }, new Date())
  await setRoundState(at.db, round, 'done', new Date())
  const compared = await answers()
  const page = await open('loop')
  await page.getByRole('status').filter({ hasText: 'is through: help desk takes over' }).waitFor()
  await page.getByText('people preferred its answers to those of help desk in 66% [58, 74], n = 120').waitFor()
  expect(await page.getByRole('link', { name: 'See both side by side' }).getAttribute('href')).toContain(subject)
  await page.getByRole('cell', { name: '66% [58, 74], n = 120' }).first().waitFor()
  // Both sides of a few prompts, as text whatever they say.
  const few = page.getByRole('region', { name: 'Before and after' })
  await expect.poll(() => few.getByText('Dear customer').count()).toBe(6)
  expect(await few.locator('img').count()).toBe(0)
  const all = few.getByRole('link', { name: 'All pairs of this comparison' })
  expect(await all.getAttribute('href')).toContain(compared)
  await looksRight(page, 'loop-through')
  expect(faultsOf(page)).toEqual([])
  await page.context().close()
})

import { join as joinPath } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axe, type Page } from '../../test/browser.ts'
import { type Duel, duel } from '../../test/duel.ts'
import { looksRight } from '../../test/looks.ts'
import { addTasks, somePrompts } from '../../test/project.ts'
import { type ServedScreens, screensOver } from '../../test/screens.ts'
import { rewardFollower } from '../learn/reward/store.ts'
import { catchUp } from '../platform/events.ts'
import { inTransaction } from '../platform/sql.ts'
import { gateSettingsOf } from './gates/store.ts'
import { headToHead, startHeadToHead } from './head-to-head/read.ts'

let served: ServedScreens<Duel> | undefined
let at: Duel
let ended: string

const polite = (first: string) => ({ strength: first.includes('sorry') ? -2 : 2 })
const start = () =>
  inTransaction(at.db, (trx) =>
    startHeadToHead(trx, at.http.platform, {
      project: at.project,
      candidate: at.candidate,
      baseline: at.baseline,
      prompts: { tag: 'held-out' },
      reward: 'online',
      overlap: 2,
    }),
  )

beforeAll(async () => {
  served = await screensOver(async () => {
    at = await duel(
      ({ model, messages }) => {
        const n = Number(/\d+/.exec(messages.at(-1)!.content)![0])
        if (n % 8 === 0) return 'I do not know.'
        return model === 'candidate'
          ? `I am sorry that this gave you trouble. It is **${n + 1}**, what comes after ${n}.`
          : `It is ${n + 1}. You could have looked that up by yourself.`
      },
      { prompts: 32, people: 2 },
    )
    const lessons = somePrompts(30, 1000).map((prompt, i) => ({
      ...prompt,
      responses: [
        { text: `I am sorry. It is ${1001 + i}, and I am glad to say why.` },
        { text: `It is ${1001 + i}. Look it up.` },
      ],
    }))
    await addTasks(at.db, at.project, lessons, 1)
    await at.answer(polite)
    await catchUp(at.db, [rewardFollower])
    return at
  })
})
afterAll(async () => {
  await served?.browser.close()
  await at?.close()
})

async function dialogLooksRight(page: Page, name: string) {
  if (process.env.SHOTS) await page.screenshot({ path: joinPath(process.env.SHOTS, `${name}.png`) })
  expect([name, await axe(page)]).toEqual([name, []])
}

it('two policies are set against each other from the page, which then follows how far it is', async () => {
  const page = await served!.open('compare-two')
  await page.getByText('No two policies were set against each other yet').waitFor()
  await page.getByRole('button', { name: 'Compare two policies' }).click()
  const form = page.getByRole('dialog', { name: 'Compare two policies' })
  await form.getByRole('combobox', { name: 'Candidate' }).click()
  await page.getByRole('option', { name: 'candidate' }).click()
  await form.getByRole('combobox', { name: 'Baseline' }).click()
  await page.getByRole('option', { name: 'baseline' }).click()
  await form.getByText('With a tag').click()
  await form.getByRole('textbox', { name: 'Tag' }).fill('held-out')
  await form.getByRole('textbox', { name: 'Prompts at most' }).fill('40')
  await form.getByRole('textbox', { name: 'Overlap' }).fill('2')
  await form.getByRole('textbox', { name: 'Seed' }).fill('5')
  await form.getByRole('textbox', { name: 'Temperature' }).fill('0.5')
  await form.getByRole('textbox', { name: 'Most tokens' }).fill('64')
  await dialogLooksRight(page, 'compare-form')
  await form.getByRole('button', { name: 'Draw the answers' }).click()
  await page.getByText('Both policies answer').waitFor()
  expect(await headToHead(at.db, at.project, new URL(page.url()).searchParams.get('of')!)).toMatchObject({
    plan: {
      prompts: { tag: 'held-out' },
      limit: 40,
      overlap: 2,
      seed: 5,
      parameters: { temperature: 0.5, maxTokens: 64 },
    },
    byReward: { reward: 'online' },
  })
  await at.settle()
  await page.getByText('People compare the answers').waitFor({ timeout: 10_000 })
  await at.answer(polite, 20)
  await page.getByText(/20 of 56 judgements are in/).waitFor({ timeout: 10_000 })
  await looksRight(page, 'compare-judging')
  await page.context().close()
})

it('shows who won, by people and by the reward apart, and the answers beside each other with their differences', async () => {
  let asked = 0
  // Now and then people prefer the short answer, say that both are the same, or that both are bad.
  await at.answer((first) => {
    asked++
    if (asked % 9 === 0) return { bothBad: true }
    if (asked % 7 === 0) return { strength: 0 }
    return asked % 4 ? polite(first) : { strength: -polite(first).strength }
  })
  await at.settle()
  const page = await served!.open('compare-two')
  await page.getByText('done', { exact: true }).waitFor()
  const chart = page.getByRole('figure', { name: 'candidate against baseline' })
  await chart.getByRole('button', { name: 'Show table' }).click()
  await chart.getByRole('cell', { name: 'People' }).waitFor()
  await chart.getByRole('cell', { name: 'Reward' }).waitFor()
  await chart.getByRole('button', { name: 'Show chart' }).click()
  await page.getByText(/said that both are bad/).waitFor()
  await page.getByText('ties by rule; nobody is asked').waitFor()
  await page.locator('mark').first().waitFor()
  await looksRight(page, 'compare-done')
  await page.setViewportSize({ width: 1280, height: 800 })
  expect(await page.getByText('they disagree').count()).toBeGreaterThan(0)
  await page.getByRole('switch', { name: 'Only where people and reward disagree' }).press('Space')
  await expect.poll(() => page.getByRole('article').filter({ hasText: 'Reward:' }).count()).toBeLessThan(12)
  expect(new URL(page.url()).searchParams.get('disagree')).toBe('1')
  await page.getByRole('link', { name: 'Open the task' }).first().click()
  await page.getByRole('dialog', { name: 'Task' }).waitFor()
  await page.context().close()
})

it('puts people, the reward and a rule on one axis, and says what each is worth as a judge', async () => {
  const page = await served!.open('compare-two')
  await page.getByRole('link', { name: 'Hybrid', exact: true }).last().click()
  await page.getByRole('heading', { level: 1, name: 'Hybrid' }).waitFor()
  const chart = page.getByRole('figure', { name: 'Share won by candidate against baseline' })
  await chart.getByRole('button', { name: 'Show table' }).click()
  await chart.getByRole('cell', { name: 'People + reward' }).waitFor()
  await chart.getByRole('button', { name: 'Show chart' }).click()
  await page.getByRole('row', { name: /The reward that learns \d+% \[\d+, \d+\]/ }).waitFor()
  await page.getByRole('heading', { name: 'Where people and the reward part' }).waitFor()
  await page.getByText('they disagree').first().waitFor()
  expect(await page.getByText('they disagree').count()).toBe(await page.getByText(/^Reward: /).count())
  await looksRight(page, 'hybrid')
  await page.context().close()
})

it('says at the gates what is missing, and a lead may decide against them, with a reason that stays', async () => {
  ended = await start()
  await at.settle()
  const page = await served!.open(`gates?of=${ended}`)
  await page.getByText('Not decided yet for candidate').waitFor()
  await page
    .getByText(/of 56 judgements are in/)
    .first()
    .waitFor()
  await page.getByRole('button', { name: 'Promote it all the same' }).click()
  const dialog = page.getByRole('dialog', { name: /Promote candidate against its gates/ })
  await dialog.getByLabel('Why is it promoted all the same?').fill('The old one is switched off tonight.')
  await dialogLooksRight(page, 'gates-override')
  await dialog.getByRole('button', { name: 'Promote' }).click()
  await page.getByText('candidate is the policy in force', { exact: true }).waitFor()
  await page.getByRole('cell', { name: 'The old one is switched off tonight.' }).waitFor()
  await page.context().close()
})

it('shows every check with value, threshold and verdict, and thresholds that a lead changes', async () => {
  await at.answer(polite)
  await at.settle()
  const page = await served!.open(`gates?of=${ended}`)
  const row = page.getByRole('row', { name: /People prefer it/ })
  await row.getByText('pass').waitFor()
  await row.getByText(/\d+% \[\d+, \d+\]/).waitFor()
  await page.getByRole('button', { name: 'Change thresholds' }).click()
  const form = page.getByRole('dialog', { name: 'What the gates ask for' })
  await form.getByRole('textbox', { name: 'People prefer it' }).fill('99')
  await dialogLooksRight(page, 'gates-thresholds')
  await form.getByRole('button', { name: 'Save' }).click()
  await row.getByText('fail').waitFor()
  await row.getByText('above 99%', { exact: true }).waitFor()
  expect(await page.getByText('Looser than usual').count()).toBe(0)
  await page.getByRole('button', { name: 'Change thresholds' }).click()
  await form.getByRole('textbox', { name: 'People prefer it' }).fill('40')
  await form.getByRole('textbox', { name: 'Junk above real answers' }).fill('12.5')
  await form.getByRole('textbox', { name: 'Answers that violate a rule' }).fill('1')
  await form.getByRole('textbox', { name: 'Comparisons' }).fill('31')
  await form.getByRole('textbox', { name: 'Nats a token' }).fill('0.25')
  await form.getByRole('textbox', { name: 'Length ratio' }).first().fill('0.6')
  await form.getByRole('textbox', { name: 'Length ratio' }).last().fill('1.8')
  await form.getByRole('combobox', { name: 'Required in any case' }).press('ArrowDown')
  const violations = page.getByRole('option', { name: 'Answers that violate a rule' })
  expect(await violations.getAttribute('data-combobox-disabled')).toBe('true')
  await form.getByText(/Nobody has judged violations/).waitFor()
  await page.keyboard.press('Escape')
  await form.getByRole('button', { name: 'Save' }).click()
  await row.getByText('Looser than usual: above 40%, usually above 50%').waitFor()
  expect(await gateSettingsOf(at.db, at.project)).toEqual({
    ...{ minWinRate: 0.4, maxJunk: 0.125, maxViolations: 0.01, minJudgements: 31 },
    ...{ maxKl: 0.25, minLengthRatio: 0.6, maxLengthRatio: 1.8, required: [] },
  })
  await row.getByText('pass').waitFor()
  await looksRight(page, 'gates-done')
  await page.context().close()
})

it('says on the page of a policy that it is in force against its gates, with ways to them', async () => {
  const page = await served!.open(`policies?row=${at.candidate}`)
  const line = page.getByRole('group', { name: 'Promotion' })
  await line.getByText('against its gates: The old one is switched off tonight.').waitFor()
  await line.getByText('in force', { exact: true }).waitFor()
  await line.getByRole('link', { name: 'Gates' }).click()
  await page.getByRole('heading', { level: 1, name: 'Gates' }).waitFor()
  expect(new URL(page.url()).searchParams.get('of')).toBe(ended)
  await page.context().close()
})

it('marks the policy in force on the leaderboard, with the reason where it is there against its gates', async () => {
  const page = await served!.open('leaderboard')
  const row = page.getByRole('row', { name: /candidate/ }).filter({ hasText: 'in force' })
  await row.getByText('Against its gates: The old one is switched off tonight.').waitFor()
  await looksRight(page, 'leaderboard')
  await page.getByRole('switch', { name: 'Evaluation tasks alone' }).press('Space')
  await expect.poll(() => new URL(page.url()).searchParams.get('tasks')).toBe('evaluation')
  await row.waitFor()
  await row.getByRole('link', { name: 'candidate' }).click()
  await page.getByRole('heading', { level: 1, name: 'Policies' }).waitFor()
  await page.context().close()
})

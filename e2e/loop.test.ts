/** The loop closes on real pairs, with a model from scratch: two people and a lead, in Chromium. */
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, openBrowser } from '../test/browser.ts'
import { type Plumbline, startPlumbline } from './server.ts'
import { faults, type Loop, pairs, startLoop, turnRound } from './whole-loop.ts'

const present = existsSync(pairs)

let plumbline: Plumbline
let browser: Browser
let loop: Loop
beforeAll(async () => {
  if (present) [plumbline, browser] = await Promise.all([startPlumbline(), openBrowser()])
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await plumbline?.close()
})

describe.skipIf(!present)(`the loop closes${present ? '' : ' (SKIPPED: ../shared/data/hh-rlhf is not here)'}`, () => {
  it('lets two people judge real pairs, and the reward learns from each answer', async () => {
    loop = await startLoop(plumbline, browser)
    expect(await loop.judge(10)).toBe(20)
    await loop.go('reward', 'Reward')
    await loop.lead
      .getByText(/1[0-9]|20 pairs so far/)
      .first()
      .waitFor()
    await loop.lead.getByRole('rowheader', { name: 'The reward' }).waitFor()
  }, 120_000)

  it('takes a dataset of demonstrations and trains a policy from scratch on it', async () => {
    const { lead } = loop
    await loop.go('datasets', 'Datasets')
    await lead.getByRole('button', { name: 'Take a dataset' }).first().click()
    const form = lead.getByRole('dialog', { name: 'Take a dataset' })
    await form.getByText('Demonstrations', { exact: true }).click()
    await form.getByLabel('Name').fill('chats')
    await form.getByRole('button', { name: /^Take/ }).click()
    await lead
      .getByRole('button', { name: 'chats' })
      .or(lead.getByRole('cell', { name: 'chats' }))
      .first()
      .waitFor({ timeout: 30_000 })

    await loop.go('runs?new=1', 'Train a model')
    await lead.getByLabel('Steps', { exact: true }).fill('20')
    await lead.getByRole('textbox', { name: 'Name' }).fill('first words')
    await lead.getByText('All settings').click()
    await lead.getByLabel('Rows a step').fill('4')
    await lead.getByLabel('Longest row, tokens').fill('96')
    await lead.getByRole('button', { name: 'Begin' }).click()
    await lead.getByText('done', { exact: true }).waitFor({ timeout: 60_000 })
  }, 120_000)

  it('goes round: samples, judgements, reward, DPO, head to head, gates, and the next round', async () => {
    const { lead } = loop
    await loop.go('loop', 'Loop')
    await lead.getByRole('button', { name: 'Begin a round' }).first().click()
    const form = lead.getByRole('dialog', { name: 'Begin a round' })
    await form
      .getByLabel(/^Policy/)
      .first()
      .click()
    await lead.getByRole('option', { name: 'first words' }).click()
    await form.getByLabel('At most so many').fill('12')
    await form.getByLabel('Overlap').fill('1')
    await form.getByLabel('Evaluated on').fill('6')
    await form.getByRole('button', { name: 'Begin the round' }).click()
    await turnRound(loop, 90)
    await loop.go('leaderboard', 'Leaderboard')
    await lead.getByText('first words').first().waitFor()
    expect(faults(loop)).toEqual([])
  }, 300_000)
})

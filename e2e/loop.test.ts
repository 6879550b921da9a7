/** The loop closes on real pairs, with a model from scratch: two people and a lead, in Chromium. */
import { describe, expect, it } from 'vitest'
import { havePairs, stage, unlessSkipped } from './stage.ts'
import { faults, type Loop, startLoop, turnRound } from './whole-loop.ts'

const set = stage(havePairs)
let loop: Loop

describe.skipIf(!havePairs)(`the loop closes${unlessSkipped}`, () => {
  it('lets two people judge real pairs, and the reward learns from each answer', async () => {
    loop = await startLoop(set)
    const learned = async () => (await loop.api<{ pairs: number }>('GET', '/reward')).pairs
    const before = await learned()
    expect(await loop.judge(10)).toBe(20)
    // Now and then somebody prefers neither: each answer is learned, a tie as a half.
    await expect.poll(learned, { timeout: 20_000 }).toBe(before + 20)
    await loop.go('reward', 'Reward')
    await loop.lead
      .getByText(`${before + 20} pairs so far`)
      .first()
      .waitFor()
    await loop.lead.getByRole('rowheader', { name: 'The reward' }).waitFor()
  })

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
    await lead.getByText('done', { exact: true }).waitFor({ timeout: 240_000 })
  }, 300_000)

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
    await turnRound(loop, 240)
    await loop.go('leaderboard', 'Leaderboard')
    await lead.getByText('first words').first().waitFor()
    expect(faults(loop)).toEqual([])
  }, 900_000)
})

/** Duplicates in the browser: a lead looks, filters, opens a prompt, and sees a group in the list. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { faultsOf } from '../../../../test/browser.ts'
import { looksRight } from '../../../../test/looks.ts'
import { type TestProject, testProject } from '../../../../test/project.ts'
import { type ServedScreens, screensOver } from '../../../../test/screens.ts'
import { saltOf } from '../../../projects/store.ts'
import { writePromptBatch } from '../write.ts'
import { duplicatesJob } from './server.ts'

let served: ServedScreens<TestProject>
beforeAll(async () => {
  served = await screensOver(() => testProject({ tasks: 0, annotators: 0 }))
  const { at, platform } = served
  platform.jobs.handle('duplicates', duplicatesJob(platform))
  await platform.jobs.run()
  const salt = await saltOf(at.db, at.project)
  const long =
    'My parcel with the red lamp was due last week and nobody answers the phone. Please tell me in detail where it is at the moment'
  const texts = [
    'Where is it?',
    'where is it',
    'WHERE is... it',
    long,
    `${long}!`,
    `${long}, today`,
    'Hello',
    long.repeat(12),
  ]
  const prompts = texts.map((text) => ({ turns: [{ role: 'user' as const, text }], responses: [], metadata: {} }))
  await at.db
    .transaction()
    .execute((trx) => writePromptBatch(trx, { project: at.project, salt, at: new Date() }, prompts))
}, 120_000)
afterAll(async () => {
  await served?.platform.jobs.stop()
  await served?.close()
})

it('shows groups side by side, by kind, with a way to each prompt and to the list', async () => {
  const page = await served.open('prompts')
  await page.getByRole('link', { name: 'Duplicates' }).click()
  await page.getByText('Nobody has looked yet').waitFor()
  await page.keyboard.press('u')
  await page.getByText('3 prompts of the same words').waitFor()
  await page.getByText(/Of 8 prompts, 3 stand in 1 group/).waitFor()
  await looksRight(page, 'duplicates')
  await page.getByText('Nearly', { exact: true }).click()
  await expect.poll(() => new URL(page.url()).searchParams.get('kind')).toBe('near')
  await page.getByText('prompts of the same words').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Open' }).first().click()
  await page.getByRole('dialog', { name: 'Prompt' }).getByText('red lamp').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: /^See all/ }).click()
  await page.getByText('Only prompts of one group of duplicates.').waitFor()
  await expect.poll(() => page.locator('tbody tr').count()).toBeGreaterThan(2)
  await looksRight(page, 'duplicates-list')
  await page.getByRole('button', { name: 'Show all' }).click()
  await expect.poll(() => page.locator('tbody tr').count()).toBe(8)
  expect(faultsOf(page)).toEqual([])
  await page.close()
})

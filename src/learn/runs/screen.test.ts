import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from '../../../test/browser.ts'
import { looksRight } from '../../../test/looks.ts'
import { type ServedScreens, servedScreens } from '../../../test/screens.ts'
import { createJobs } from '../../platform/jobs/runner.ts'
import type { Jobs } from '../../platform/jobs.ts'
import { takeSnapshot } from '../datasets/store.ts'
import { runJob } from './job.ts'

const isBuilt = existsSync(fileURLToPath(new URL('../../../dist/server/trainer/worker.js', import.meta.url)))
const dataDir = mkdtempSync(join(tmpdir(), 'run-screens-'))

let served: ServedScreens
let jobs: Jobs
beforeAll(async () => {
  served = await servedScreens({ tasks: 40 })
  const { at } = served
  await takeSnapshot(
    at.db,
    { project: at.project, name: 'returns', kind: 'preference', filters: { split: { test: 0.2 } } },
    at.clock.read(),
  )
  jobs = createJobs({
    db: at.db,
    connection: at.database.connection,
    log: pino({ level: 'silent' }),
    pauseMs: 50,
    atOnce: { run: 1 },
  })
  jobs.handle('run', runJob({ ...at.platform, clock: () => new Date(), jobs, dataDir }))
  await jobs.run()
})
afterAll(async () => {
  await jobs?.stop()
  await served?.close()
  rmSync(dataDir, { recursive: true, force: true })
})

async function begin(page: Page, steps: string, name: string): Promise<void> {
  await page.getByLabel('Steps', { exact: true }).fill(steps)
  await page.getByLabel('Longest answer, tokens').fill('24')
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await page.getByText('All settings').click()
  await page.getByLabel('Rows a step').fill('4')
  await page.getByLabel('Longest row, tokens').fill('128')
  await page.getByRole('button', { name: 'Begin' }).click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

describe.skipIf(!isBuilt)('runs (SKIPPED where nothing is built)', { timeout: 120_000 }, () => {
  it('leads from nothing to a model that is watched as it learns', async () => {
    const page = await served.open('runs')
    await page.getByText('No run yet').waitFor()
    await looksRight(page, 'runs-empty')
    await page.keyboard.press('a')
    await page.getByRole('heading', { level: 1, name: 'Train a model' }).waitFor()
    await looksRight(page, 'runs-new')
    await begin(page, '30', 'manners')
    await page.getByText('done', { exact: true }).waitFor({ timeout: 60_000 })
    await page.getByRole('figure', { name: 'Loss' }).waitFor()
    expect(await page.getByRole('figure', { name: 'Reward of its samples' }).count()).toBe(0)
    await page.getByRole('figure', { name: 'Loss' }).getByText('held out', { exact: true }).first().waitFor()
    const answers = page.getByRole('region', { name: 'What it answers' })
    await answers.getByText('at step 30').first().waitFor()
    await page.keyboard.press(',')
    await answers.getByRole('status').getByText('at step 27').waitFor()
    expect(new URL(page.url()).searchParams.get('step')).toBe('27')
    await page.getByRole('group', { name: /^Loss/ }).focus()
    await page.keyboard.press('Home')
    await answers.getByRole('status').getByText('before training').waitFor()
    await page.getByRole('region', { name: 'Measured at its end' }).getByText('perplexity').waitFor()
    await looksRight(page, 'runs-one')
    await page.context().close()
  })

  it('stops, goes on, forks, and compares', async () => {
    const page = await served.open('runs')
    await page.getByRole('row', { name: /manners/ }).click()
    await page.getByRole('heading', { level: 1, name: 'manners' }).waitFor()
    await page.keyboard.press('f')
    await page.getByRole('heading', { level: 1, name: 'Fork of manners' }).waitFor()
    expect(await page.getByLabel('Steps', { exact: true }).inputValue()).toBe('30')
    await page.getByLabel('Learning rate').fill('1e-4')
    await begin(page, '4000', 'slower')
    await page.getByText(/^Step \d+ of 4,000/).waitFor({ timeout: 60_000 })
    await page.keyboard.press('x')
    await page.getByText('stopped', { exact: true }).waitFor()
    await page.getByText('Stopped as asked').waitFor()
    await page.keyboard.press('u')
    await page.getByText(/^Step \d+ of 4,000/).waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    await page.keyboard.press('c')
    await page.getByRole('combobox', { name: 'Beside' }).click()
    await page.getByRole('option', { name: 'manners' }).click()
    const differ = page.getByRole('region', { name: 'Where they differ' })
    await differ.getByRole('rowheader', { name: 'learningRate' }).waitFor()
    expect(await differ.getByRole('row').count()).toBe(3)
    await looksRight(page, 'runs-compare')
    await page.goBack()
    await page.context().close()
  })

  it('says what cannot be, and keeps what was typed', async () => {
    const page = await served.open('runs?new=1')
    await page.getByLabel('Steps', { exact: true }).fill('0')
    await page.getByRole('button', { name: 'Begin' }).click()
    await page.getByRole('alert').getByText('steps is 0, not a whole number').waitFor()
    expect(await page.getByLabel('Steps', { exact: true }).inputValue()).toBe('0')
    await page.context().close()
  })

  it('shows where a model comes from, down to the task of each answer', async () => {
    const page = await served.open('lineage?checkpoint=manners', { heading: 'Where manners comes from' })
    await page.getByRole('link', { name: /dataset returns/ }).waitFor()
    await page.getByRole('link', { name: /run manners/ }).waitFor()
    await page.getByText('preset:1m').waitFor()
    await looksRight(page, 'lineage')
    await page.getByRole('link', { name: /what people said/ }).click()
    await page
      .getByRole('region', { name: 'Annotations' })
      .getByText(/person [0-9a-f]{6}/)
      .first()
      .waitFor()
    await page.getByRole('region', { name: 'Annotations' }).getByRole('row').nth(1).click()
    await page.getByRole('dialog', { name: 'Task' }).waitFor()
    await page.context().close()
  })
})

import { afterAll, beforeAll, expect, it } from 'vitest'
import { faultsOf } from '../../../test/browser.ts'
import { looksRight } from '../../../test/looks.ts'
import { type ServedScreens, servedScreens } from '../../../test/screens.ts'
import { datasetExportJob, datasetJob } from './server.ts'
import { takeSnapshot } from './store.ts'

let served: ServedScreens
beforeAll(async () => {
  served = await servedScreens()
  const { jobs } = served.platform
  jobs.handle('dataset', datasetJob(served.platform))
  jobs.handle('dataset-export', datasetExportJob(served.platform))
  await jobs.run()
})
afterAll(async () => {
  await served?.platform.jobs.stop()
  await served?.close()
})

it('takes a dataset from the form, which says beforehand what it will give', async () => {
  const page = await served.open('datasets')
  await page.getByText('No dataset yet').waitFor()
  await looksRight(page, 'datasets-empty')
  await page.getByRole('button', { name: 'Take a dataset' }).first().click()
  const form = page.getByRole('dialog', { name: 'Take a dataset' })
  await form.getByText(/^\d+ rows of \d+ prompts$/).waitFor()
  const before = await form.getByText(/^\d+ rows of/).innerText()
  await form.getByLabel('Agreement it needs, %').fill('100')
  await expect.poll(() => form.getByText(/^\d+ rows of/).innerText()).not.toBe(before)
  await form.getByText(/Left out:.*too little agreement/).waitFor()
  await form.getByLabel('Name').fill('Unanimous')
  await looksRight(page, 'datasets-form')
  await form.getByRole('button', { name: 'Take it' }).click()
  await page.getByRole('button', { name: 'Open it' }).click()
  await page.getByRole('heading', { level: 1, name: 'Unanimous' }).waitFor()
  await page.getByText('agreement 100% or more').waitFor()
  await looksRight(page, 'datasets-card')
  expect(faultsOf(page)).toEqual([])
  await page.context().close()
})

it('shows rows, what differs from another, and writes files', async () => {
  const wanted = { project: served.at.project, kind: 'preference' as const, filters: { rule: 'soft' as const } }
  const { name } = await takeSnapshot(served.at.db, { ...wanted, name: 'Shares' }, new Date())
  const page = await served.open('datasets')
  await page.getByRole('row', { name: new RegExp(name) }).click()
  await page.getByRole('tab', { name: 'Rows' }).click()
  await page
    .getByRole('row', { name: /arrived broken/ })
    .first()
    .click()
  const side = page.getByRole('dialog', { name: 'Row' })
  await side.getByText(/rests on 3 judgements/).waitFor()
  await looksRight(page, 'datasets-row')
  await page.keyboard.press('Escape')
  await side.waitFor({ state: 'hidden' })
  await page.getByRole('tab', { name: 'Difference' }).click()
  await page
    .getByText(/\d+ by the filters/)
    .first()
    .waitFor()
  await looksRight(page, 'datasets-difference')
  await page.getByRole('tab', { name: 'Files' }).click()
  await page.getByRole('button', { name: 'Write the file' }).click()
  await page.getByText(/rows written; the file is below/).waitFor()
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: /^Save Shares-train-trl-preference/ }).click()
  expect((await saved).suggestedFilename()).toMatch(/\.jsonl$/)
  await looksRight(page, 'datasets-files')
  expect(faultsOf(page)).toEqual([])
  await page.context().close()
})

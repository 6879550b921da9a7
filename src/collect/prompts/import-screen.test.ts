/** Import in a browser: a foreign table with winners, checked to its end, refused as a whole, and then taken. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Page } from '../../../test/browser.ts'
import { looksRight } from '../../../test/looks.ts'
import { type TestProject, testProject } from '../../../test/project.ts'
import { type ServedScreens, screensOver } from '../../../test/screens.ts'
import { all } from '../../platform/sql.ts'
import { checkJob, importJob } from './server.ts'

let served: ServedScreens<TestProject>
let page: Page
beforeAll(async () => {
  served = await screensOver(() => testProject({ tasks: 0, annotators: 0 }))
  const { jobs } = served.platform
  jobs.handle('import', importJob(served.platform))
  jobs.handle('import-check', checkJob(served.platform))
  await jobs.run()
})
afterAll(async () => {
  await served?.platform.jobs.stop()
  await served?.close()
})

const field = (name: string) =>
  page
    .getByRole('textbox', { name, exact: true })
    .or(page.getByRole('combobox', { name, exact: true }))
    .first()
async function choose(label: string, ...options: string[]) {
  for (const option of options) {
    await field(label).click()
    await page.getByRole('option', { name: option, exact: true }).click()
  }
  await page.keyboard.press('Escape')
}
const refused = (region: string) => page.getByRole('region', { name: region, exact: true })

it('takes winners and ties from a table, once the whole file was checked', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `Question ${i},yes ${i},no ${i},${i % 3 ? 'model_a' : 'tie'}`)
  const text = `question,left,right,winner\n${[...rows, 'Late,yes,no,nobody', 'Single,yes,,model_a', ''].join('\n')}`
  page = await served.open('prompts?import=1')
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'arena.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
  await choose('Columns of the prompt', 'question')
  await choose('Columns of the responses', 'left', 'right')
  await choose('Column that says which is better', 'winner')
  // What the words mean is guessed, and shown; the word that comes late is known from the rows behind the first.
  expect(await field('"model_a" means').inputValue()).toBe('left is better')
  expect(await field('"tie" means').inputValue()).toBe('a tie')
  expect(await field('"nobody" means').inputValue()).toBe('')
  // Nor does it turn with the order of the columns: "left" is now named second.
  await choose('Columns of the responses', 'left', 'left')
  await expect.poll(() => field('"model_a" means').inputValue()).toBe('left is better')
  await choose('Columns of the responses', 'right', 'right')
  await page.getByRole('article', { name: 'Line 3', exact: true }).getByText('chosen').waitFor()
  await page.getByRole('article', { name: 'Line 2', exact: true }).getByText('a tie').waitFor()

  await page.getByRole('heading', { name: 'First rows as they will look' }).click()
  await page.keyboard.press('c')
  await page.getByText('40 rows can be taken, 2 cannot.').waitFor()
  await refused('Rows that cannot be taken')
    .getByRole('row', { name: /^42 winner is "nobody"/ })
    .waitFor()
  await looksRight(page, 'import-choice')

  await choose('Rows that cannot be taken', 'Take nothing unless all can be taken')
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByText(/2 rows cannot be taken, so nothing was/).waitFor()
  await refused('Rows that cannot be taken').getByRole('row', { name: /^43 / }).waitFor()
  await looksRight(page, 'import-refused')
  await page.getByRole('button', { name: 'Choose again for this file' }).click()

  await field('"model_a" means').waitFor()
  await choose('"nobody" means', 'both are bad')
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByText(/Taken: 41 prompts, 82 responses, 41 judgements, 41 tasks/).waitFor()
  const payloads = await all(
    served.at.db,
    sql`SELECT payload, count(*)::int AS n FROM annotations GROUP BY payload ORDER BY n`,
  )
  expect(payloads).toEqual([
    { payload: { bothBad: true }, n: 1 },
    { payload: { strength: 0 }, n: 14 },
    { payload: { strength: -1 }, n: 26 },
  ])
})

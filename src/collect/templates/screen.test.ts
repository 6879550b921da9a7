/** An aspect of one's own from the lead's settings to the export, by keyboard alone. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tabTo } from '../../../e2e/keyboard.ts'
import { looksRight } from '../../../test/looks.ts'
import { addTasks, somePrompts, type TestProject, testProject } from '../../../test/project.ts'
import { type ServedScreens, screensOver } from '../../../test/screens.ts'
import { rowsOfTable } from '../../../test/table.ts'
import { openExport } from '../../assure/export/formats.ts'

let served: ServedScreens<TestProject>
beforeAll(async () => {
  served = await screensOver(() => testProject({ tasks: 0, annotators: 1 }))
}, 120_000)
afterAll(() => served?.close())

it('a lead adds an aspect and asks how sure one is', async () => {
  const page = await served.open('comparison')
  await page.getByLabel('Aspect 1', { exact: true }).waitFor()
  await tabTo(page, /^Add an aspect/)
  await page.keyboard.press('Enter')
  const save = page.getByRole('button', { name: 'Save', exact: true })
  expect(await save.isDisabled()).toBe(true)
  await page.getByRole('status').getByText('Aspect 4 needs a name', { exact: true }).waitFor()
  await looksRight(page, 'comparison-unnamed')
  await page.keyboard.type('house style')
  await page.keyboard.press('Tab')
  await page.keyboard.type('As our guide has it.')
  await tabTo(page, /^Ask how sure one is/)
  await page.keyboard.press('Space')
  await tabTo(page, /^A reason or a comment is required/)
  await page.keyboard.press('Space')
  const preview = page.getByRole('region', { name: 'How it looks' })
  await preview.getByRole('radiogroup', { name: 'Better in house style' }).waitFor()
  await preview.getByRole('radiogroup', { name: 'How sure are you' }).waitFor()
  await looksRight(page, 'comparison')
  await page.keyboard.press('Control+s')
  await page.getByRole('status').getByText('New tasks ask for version 2.').waitFor()
  await page.getByText(/^Version 2\./).waitFor()
  expect(await save.isDisabled()).toBe(true)
  await page.close()
})

it('an annotator answers by it, and is told what is missing until nothing is', async () => {
  const { at } = served
  await addTasks(at.db, at.project, somePrompts(2), 1)
  const page = await served.open('work', { as: at.annotators[0]! })
  const submit = page.getByRole('button', { name: /^Submit/ })
  const missing = (text: string) => page.getByText(text, { exact: true }).waitFor()
  await page.getByRole('radiogroup', { name: 'Which response is better' }).waitFor()
  await missing('Missing: which response is better, a reason or a comment')
  await page.keyboard.press('0')
  await missing('Missing: a reason or a comment')
  expect(await submit.isDisabled()).toBe(true)
  await looksRight(page, 'work-missing')
  await page.keyboard.press('c')
  await page.keyboard.type('neither helps')
  await page.keyboard.press('Control+Enter')
  await page.getByText('1 today').waitFor()

  await missing('Missing: which response is better, a reason or a comment')
  await page.keyboard.press('a')
  const group = () => page.evaluate(() => document.activeElement?.closest('[role=radiogroup]')?.ariaLabel)
  await expect.poll(group).toMatch(/^Better in /)
  while ((await group()) !== 'Better in house style') await page.keyboard.press('Tab')
  await page.getByRole('tooltip').getByText('As our guide has it.').waitFor()
  await page.keyboard.press('Space')
  await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('w')
  await page.keyboard.press('Space')
  await missing('Missing: which response is better')
  await page.keyboard.press('Escape')
  await page.keyboard.press('2')
  expect(await submit.isDisabled()).toBe(false)
  await page.keyboard.press('Enter')
  await page.getByText('2 today').waitFor()
  await page.close()
})

it('the table of annotations has what was said, each in its column', async () => {
  const rows = () =>
    rowsOfTable(openExport(served.at.db, { project: served.at.project, format: 'annotations-csv' }).bytes)
  // The screen counts an answer before the server has it.
  await expect.poll(async () => (await rows()).length).toBe(2)
  const [bad, judged] = await rows()
  expect(bad).toMatchObject({ both_bad: 'true', comment: 'neither helps', confidence: null })
  const ends = expect.stringMatching(/^-?2$/)
  expect(judged).toMatchObject({ confidence: '3', reasons: 'more correct', strength: ends, 'aspect_house style': ends })
})

it('asks before edits are left, forgets an aspect that was taken out again, and follows what another saved', async () => {
  const page = await served.open('comparison')
  const add = page.getByRole('button', { name: 'Add an aspect' })
  await add.click()
  await page.keyboard.type('quality')
  await page.getByRole('status').getByText('Aspect 5 has the name of another', { exact: true }).waitFor()
  await page.getByRole('link', { name: 'Samples' }).first().click()
  const asks = page.getByRole('dialog', { name: 'What is asked is not saved' })
  await asks.getByRole('button', { name: 'Stay' }).click()
  expect(await page.getByLabel('Aspect 5', { exact: true }).inputValue()).toBe('quality')
  await page.getByRole('button', { name: 'Take quality out' }).last().click()

  const path = `/api/projects/${served.at.project}/templates`
  const { rows } = await (await page.request.get(path)).json()
  const [{ id, version, steps }] = rows
  const settings = { ...steps[0].settings, reasons: [...steps[0].settings.reasons, 'of another'] }
  const sent = { version, steps: [{ ...steps[0], settings }] }
  expect((await page.request.fetch(`${path}/${id}`, { method: 'PUT', data: sent })).ok()).toBe(true)
  // Read anew when one comes back to the page; an edit that is undone holds nothing back.
  const shown = page.getByText(`Version ${version + 1}.`)
  const comeBack = () => page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
  await expect.poll(() => comeBack().then(() => shown.count()), { timeout: 30_000 }).toBe(1)
  await page.getByRole('region', { name: 'How it looks' }).getByText('of another').waitFor()
  await page.getByRole('link', { name: 'Samples' }).first().click()
  await page.getByRole('heading', { level: 1, name: 'Samples' }).waitFor()
  await page.close()
})

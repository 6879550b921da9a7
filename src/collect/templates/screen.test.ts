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
  await page.getByText(/^aspects 3: /).waitFor()
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
  const { bytes } = openExport(served.at.db, { project: served.at.project, format: 'annotations-csv' })
  const [bad, judged] = await rowsOfTable(bytes)
  expect(bad).toMatchObject({ both_bad: 'true', comment: 'neither helps', confidence: null })
  const ends = expect.stringMatching(/^-?2$/)
  expect(judged).toMatchObject({ confidence: '3', reasons: 'more correct', strength: ends, 'aspect_house style': ends })
})

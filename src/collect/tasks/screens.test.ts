/** The lead's list of tasks in the browser: several choices, many tasks at once, what people report; without a mouse. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Page } from '../../../test/browser.ts'
import { looksRight } from '../../../test/looks.ts'
import { addTasks } from '../../../test/project.ts'
import { type ServedScreens, servedScreens } from '../../../test/screens.ts'
import { one } from '../../platform/sql.ts'

let served: ServedScreens
beforeAll(async () => {
  served = await servedScreens({ tasks: 60 })
}, 120_000)
afterAll(() => served?.close())

const filtersOf = (page: Page) => new URL(page.url()).searchParams

it('narrows the list to any of several choices', async () => {
  const page = await served.open('tasks')
  await page.getByRole('row').nth(50).waitFor()
  await page.locator('input[aria-label="State is"]').click()
  await page.getByRole('option', { name: 'withdrawn' }).click()
  await page.getByText('Nothing matches these filters.').waitFor()
  await page.getByRole('option', { name: 'answered' }).click()
  await expect.poll(() => filtersOf(page).get('state')).toBe('withdrawn,answered')
  await page.getByRole('row').nth(50).waitFor()
  await page.close()
})

it('picks a page by its head, then all that match, and changes them once that is confirmed', async () => {
  const page = await served.open('tasks?purpose=label')
  const head = page.getByRole('checkbox', { name: 'Pick all on this page' })
  await page
    .getByRole('checkbox', { name: /^Pick Order/ })
    .first()
    .check()
  expect(await head.evaluate((box: HTMLInputElement) => box.indeterminate)).toBe(true)
  await head.focus()
  await page.keyboard.press('Space')
  await page.getByText('50 tasks picked').waitFor()
  await page.getByRole('button', { name: 'Pick all 60 tasks that match the filters' }).press('Enter')
  await page.getByText('All 60 tasks that match the filters').waitFor()
  // Another choice of rows is no longer all of them, though it was once said.
  await head.press('Space')
  await page
    .getByRole('checkbox', { name: /^Pick Order/ })
    .first()
    .check()
  await page.getByText('1 task picked').waitFor()
  await head.press('Space')
  await page.getByRole('button', { name: 'Pick all 60 tasks that match the filters' }).press('Enter')
  await page.getByText('All 60 tasks that match the filters').waitFor()
  await looksRight(page, 'tasks-all-picked')
  await page.getByRole('button', { name: 'Withdraw', exact: true }).press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Change many tasks' })
  await dialog.getByText('Withdraw 60 tasks: all that match the filters').waitFor()
  await looksRight(page, 'tasks-confirm')
  await dialog.getByRole('button', { name: 'Withdraw 60 tasks' }).press('Enter')
  await page.getByText('60 tasks changed.').waitFor()
  await expect.poll(() => page.getByRole('cell', { name: 'withdrawn' }).count()).toBe(50)
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export what is shown' }).click()
  const stream = await (await download).createReadStream()
  const [line] = String((await stream.toArray())[0]).split('\r\n')
  expect(line).toMatch(/^\uFEFFPrompt,State,Purpose,Reported/)
  await page.close()
})

it('says of an imported judgement which of the texts above it prefers, whatever order it was stored in', async () => {
  const { at } = served
  const asked = { turns: [{ role: 'user' as const, text: 'Which of the two?' }], metadata: {} }
  const responses = [{ text: 'The better one.' }, { text: 'The other one.' }]
  const judgement = { kind: 'compare', targets: [0, 1], payload: { strength: -1 } }
  await addTasks(at.db, at.project, [{ ...asked, responses, judgement }], 1)
  const { task } = await one(
    at.db,
    sql<{ task: string }>`
      UPDATE tasks t SET targets = ARRAY[a.targets[2], a.targets[1]] FROM annotations a
      WHERE a.task_id = t.id AND a.source = 'import' RETURNING t.id AS task`,
  )
  const page = await served.open(`tasks?row=${task}`)
  const shown = page.getByRole('dialog', { name: 'Task' })
  await shown.getByText('Second: imported').waitFor()
  expect(await shown.innerText()).toMatch(/Second: imported\s+The better one\./)
  await shown.getByText(/^Second is slightly better/).waitFor()
  await page.close()
})

it('leads from a report under My work to the lead, and from what came of it back to its author', async () => {
  const { at } = served
  const ada = at.people.careful!
  const leads = await served.open('tasks')
  await leads.getByRole('row').nth(50).waitFor()
  const mine = await served.open('my-work', { as: ada })
  await mine.getByRole('button', { name: 'Report' }).first().press('Enter')
  await mine.getByLabel('What is wrong').fill('I meant the other one.')
  await looksRight(mine, 'my-work-report')
  await mine.getByRole('button', { name: 'Report', exact: true }).last().press('Enter')
  await mine.getByText('You reported it: I meant the other one.').waitFor()

  // The list that was open already learns of it.
  await leads.getByRole('button', { name: '1 flagged task' }).press('Enter')
  await leads.getByText(`${ada.name} flagged it: I meant the other one.`).waitFor()
  await looksRight(leads, 'tasks-flagged')
  await leads.getByRole('row').nth(1).press('Enter')
  const task = leads.getByRole('dialog', { name: 'Task' })
  await task.getByRole('button', { name: 'Resolve' }).waitFor()
  await looksRight(leads, 'task-flagged')
  await task.getByRole('button', { name: 'Resolve' }).press('Enter')
  await leads.getByLabel('What came of it').fill('Returned to you.')
  await leads
    .getByRole('dialog', { name: 'Resolve the report' })
    .getByRole('button', { name: 'Resolve' })
    .press('Enter')
  await task.getByText('Resolved by Ada').waitFor()
  await looksRight(leads, 'task-resolved')
  expect(await leads.getByRole('button', { name: '1 flagged task' }).count()).toBe(0)
  await mine.reload()
  await mine.getByText('What came of it: Returned to you.').waitFor()
  const { note } = await one(at.db, sql<{ note: string }>`SELECT note FROM flags`)
  expect(note).toBe('Returned to you.')
  await Promise.all([leads.close(), mine.close()])
})

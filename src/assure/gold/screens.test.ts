/** Gold in the browser: a lead writes keys, a person who answers learns of one afterwards, by keyboard. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axe } from '../../../test/browser.ts'
import { looksRight } from '../../../test/looks.ts'
import { addMember, type TestPerson } from '../../../test/project.ts'
import { type ServedScreens, servedScreens } from '../../../test/screens.ts'
import { catchUp } from '../../platform/events.ts'
import { all } from '../../platform/sql.ts'
import { changeProject } from '../../projects/store.ts'
import { consensusFollower } from '../consensus/store.ts'

let served: ServedScreens
let eve: TestPerson
let tasks: string[]
beforeAll(async () => {
  served = await servedScreens({ tasks: 12 })
  const { at } = served
  await catchUp(at.db, [consensusFollower])
  await changeProject(at.db, at.project, { settings: { explainGold: true } })
  eve = await addMember(at, 'Eve', 'annotator')
  const clear = sql<{ id: string }>`
    SELECT task_id AS id FROM consensus WHERE attribute = 'preference' AND label IN ('first', 'second') ORDER BY task_id`
  tasks = (await all(at.db, clear)).map(({ id }) => id)
}, 120_000)
afterAll(() => served?.close())

it('a lead takes a key from what most say, and writes another by hand', async () => {
  const page = await served.open(`tasks?row=${tasks[0]}`)
  const consensus = page.getByRole('region', { name: 'Consensus' }).getByRole('row', { name: /^preference/ })
  expect(await consensus.innerText()).toMatch(/(first|second) \d \(\d+%\)/)
  const section = page.getByRole('region', { name: 'Gold' })
  await section.getByRole('button', { name: 'Make it gold' }).click()
  await section.getByLabel('What most say').check()
  await section.getByLabel('Why').fill('It answers what was asked:\nsend it back, and when.')
  await section.getByLabel('People who answer it').fill('4')
  await looksRight(page, 'gold-key')
  await section.getByRole('button', { name: 'Keep the key' }).click()
  await section.getByText('It answers what was asked').waitFor()
  await section.getByText(/Key by Ada/).waitFor()
  await looksRight(page, 'gold-of-task')

  await page.goto(`/projects/${served.at.project}/tasks?row=${tasks[1]}`)
  await section.getByRole('button', { name: 'Make it gold' }).click()
  await section.getByLabel('By hand').check()
  expect(await section.getByRole('button', { name: 'Keep the key' }).isDisabled()).toBe(true)
  await section.getByRole('radio', { name: 'A is much better' }).click()
  await section.getByLabel('preference: first').waitFor()
  await section.getByLabel('People who answer it').fill('4')
  await looksRight(page, 'gold-by-hand')
  await page.keyboard.press('Control+Enter')
  await section.getByText('preference: first').waitFor()
  await page.close()
})

it('a person learns what was expected after the answer, reads it and goes on, without a mouse', async () => {
  const page = await served.open('work', { as: eve })
  await page.getByLabel('Both are bad').waitFor()
  await page.keyboard.press('0')
  await page.keyboard.press('Enter')
  await page.getByText('Your last answer was not the expected one.').waitFor()
  await looksRight(page, 'gold-after')
  await page.keyboard.press('x')
  const dialog = page.getByRole('dialog', { name: 'A task whose answer is known' })
  await dialog.getByText('both bad').waitFor()
  await looksRight(page, 'gold-again')
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  expect(await page.getByText('Your last answer was not').count()).toBe(0)
  // Nothing was sent by closing it: the second task is still to be answered.
  const { rows } = await sql<{ n: number }>`
    SELECT count(*)::int AS n FROM annotations WHERE person_id = ${eve.id}`.execute(served.at.db)
  expect(rows[0]!.n).toBe(1)
  await page.goto(`/projects/${served.at.project}/my-work`)
  await page.getByText('Not the expected answer: preference').waitFor()
  await looksRight(page, 'gold-my-work')
  await page.close()
})

it('quality lists the gold tasks, each with how often it is answered as expected', async () => {
  const page = await served.open('quality?tab=gold')
  const table = page.getByRole('region', { name: 'Gold tasks', exact: true })
  await table
    .getByText(/preference: (first|second)/)
    .first()
    .waitFor()
  await page.getByText('Right answers to gold tasks', { exact: true }).waitFor()
  await looksRight(page, 'gold-tab')
  await table.locator('tbody tr').first().click()
  await page.getByRole('dialog', { name: 'Gold task' }).getByText('Change the key').waitFor()
  expect(await axe(page)).toEqual([])
  await page.close()
})

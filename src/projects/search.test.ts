/** The search palette over a real project: what it finds, for whom, and what it says when it cannot. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { faultsOf, type Page } from '../../test/browser.ts'
import { addMember, type TestPerson, type TestProject, testProject } from '../../test/project.ts'
import { type ServedScreens, screensOver } from '../../test/screens.ts'
import { newId } from '../platform/ids.ts'

let served: ServedScreens<TestProject>
beforeAll(async () => {
  served = await screensOver(() => testProject({ tasks: 12, annotators: 1 }))
  const { db, project } = served.at
  const snapshot = newId()
  await sql`
    INSERT INTO snapshots (id, project_id, name, kind, filters, hash, counts, card)
    VALUES (${snapshot}, ${project}, 's', 'preference', '{}', '\\x00', '{}', '')`.execute(db)
  await sql`
    INSERT INTO runs (id, project_id, name, algorithm, spec, snapshot_id, base, state)
    VALUES (${newId()}, ${project}, 'adagio', 'sft', '{}', ${snapshot}, 'tiny', 'done')`.execute(db)
})
afterAll(() => served?.close())

const path = (page: string) => `/projects/${served.at.project}/${page}`
/** Opens it; the dialog moves the focus a moment after it is there. */
async function search(page: Page): Promise<void> {
  await page.keyboard.press('/')
  await page.locator('input[role=combobox]:focus').waitFor()
}
async function openAs(as: TestPerson, where: string): Promise<Page> {
  const page = await served.open(where, { as })
  await search(page)
  return page
}
const close = (page: Page) => page.context().close()
const options = (page: Page) => page.getByRole('option').allTextContents()

it('finds prompts and tasks, people and runs, and opens what is chosen, by keyboard alone', async () => {
  const page = await openAs(served.lead, 'guideline')
  expect(await page.getByRole('combobox').getAttribute('placeholder')).toBe(
    'Search pages, prompts, tasks, people, runs',
  )
  await page.keyboard.type('is 7 plus')
  await expect.poll(() => options(page)).toEqual(['What is 7 plus one?', 'What is 7 plus one?open'])
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect.poll(() => new URL(page.url()).pathname).toBe(path('tasks'))
  await page.getByRole('dialog', { name: 'Task' }).getByText('It is 8.').waitFor()
  await page.goto(path('guideline'))
  await page.locator('h1').waitFor()
  await search(page)
  await page.keyboard.type('ada')
  await expect.poll(() => options(page)).toEqual(['Adalead', 'adagiodone'])
  expect(faultsOf(page)).toEqual([])
  await close(page)
})

it('asks for what one may see and nothing else', async () => {
  const annotator = await openAs(served.at.annotators[0]!, 'guideline')
  const asked: string[] = []
  annotator.on('request', (request) => asked.push(new URL(request.url()).pathname))
  expect(await annotator.getByRole('combobox').getAttribute('placeholder')).toBe('Search pages')
  await annotator.keyboard.type('what')
  await annotator.getByText('Nothing found.').waitFor()
  expect(asked).toEqual([])
  await close(annotator)

  const viewer = await openAs(await addMember(served.at, 'Vera', 'viewer'), 'guideline')
  expect(await viewer.getByRole('combobox').getAttribute('placeholder')).toBe('Search pages, prompts, tasks, runs')
  await viewer.keyboard.type('adag')
  await expect.poll(() => options(viewer)).toEqual(['adagiodone'])
  await close(viewer)
})

it('says why it found nothing where the server fails, and finds pages all the same', async () => {
  const page = await openAs(served.lead, 'guideline')
  // One list that fails takes nothing from the others.
  await page.route(/\/(tasks|prompts|runs|members)\?/, (route) => route.abort())
  await page.keyboard.type('setti')
  await page.getByText('The server did not answer.').waitFor()
  expect(await options(page)).toEqual(['Settings'])
  await close(page)
})

it('gives the focus back', async () => {
  const page = await served.open('guideline', { as: served.lead })
  const link = page.getByRole('link', { name: 'Settings' })
  await link.focus()
  await search(page)
  const box = page.getByRole('combobox')
  await page.keyboard.press('Escape')
  await box.waitFor({ state: 'detached' })
  await expect.poll(() => link.evaluate((own) => own === document.activeElement)).toBe(true)
  await close(page)
})

/** Guideline and settings while two leads work on them at once: what is typed is kept, what the other wrote as well. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { faultsOf, type Page } from '../../test/browser.ts'
import { looksRight } from '../../test/looks.ts'
import { type TestProject, testProject } from '../../test/project.ts'
import { type ServedScreens, screensOver } from '../../test/screens.ts'
import { changeProject, findProject } from './store.ts'

let served: ServedScreens<TestProject>
let page: Page

beforeAll(async () => {
  served = await screensOver(() => testProject({ tasks: 0, annotators: 0 }))
})
afterAll(() => served?.close())
afterEach(() => page.context().close())

const draftPath = () => `/api/projects/${served.at.project}/guideline/draft`
const title = () => page.getByLabel('Title')
const saved = () => page.getByRole('status').filter({ hasText: /^Saved/ })
const unsaved = () => page.getByRole('status').filter({ hasText: 'Not saved yet' })
const draft = async () => (await page.request.get(draftPath())).json()
const save = () => page.keyboard.press('Control+s')

it('counts as saved what was sent, not what was typed meanwhile', async () => {
  page = await served.open('guideline')
  await page.getByRole('button', { name: 'Add a clause' }).click()
  await title().fill('Be kind')
  let answer = () => {}
  const typed = new Promise<void>((resolve) => {
    answer = resolve
  })
  await page.route(`**${draftPath()}`, async (route) => {
    await typed
    await route.continue()
  })
  const sent = page.waitForRequest((request) => request.method() === 'PUT')
  await save()
  await sent
  await title().fill('Be kind and brief')
  answer()
  await expect.poll(draft).toMatchObject({ clauses: [{ title: 'Be kind' }] })
  await expect.poll(() => page.getByRole('button', { name: 'Save the draft' }).isEnabled()).toBe(true)
  await unsaved().waitFor()
  await save()
  await saved().waitFor()
  expect(await draft()).toMatchObject({ clauses: [{ title: 'Be kind and brief' }] })
  expect(faultsOf(page)).toEqual([])
})

it('leads into a new clause, and says what it lacks before anything is sent', async () => {
  page = await served.open('guideline?tab=draft')
  await page.getByRole('button', { name: 'Add a clause' }).press('Enter')
  const added = title().last()
  await expect.poll(() => added.evaluate((field) => field === document.activeElement)).toBe(true)
  const before = await draft()
  await save()
  await page.getByText('A clause is found by its title').waitFor()
  await page.getByRole('status').filter({ hasText: 'Not saved: see what is marked above' }).waitFor()
  expect(await draft()).toEqual(before)
  await page.keyboard.type('Answer the question that was asked of you')
  await save()
  await saved().waitFor()
  expect((await draft()).clauses.at(-1)).toMatchObject({ id: 'answer-the-question-that-was-asked' })
  await page.getByRole('button', { name: 'Take Answer the question' }).click()
  await save()
  await saved().waitFor()
})

it('asks before a draft is left unsaved for another page', async () => {
  page = await served.open('guideline?tab=draft')
  await title().fill('Be honest')
  await page.getByRole('tab', { name: 'Versions' }).click()
  await page.getByRole('dialog', { name: 'The draft is not saved' }).getByRole('button', { name: 'Stay' }).click()
  expect(await title().inputValue()).toBe('Be honest')
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('button', { name: 'Leave without saving' }).click()
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
})

it('keeps what was typed where somebody else saved first, shows what it would change, and saves it then', async () => {
  page = await served.open('guideline?tab=draft')
  await title().fill('Mine')
  const { clauses, revision } = await draft()
  const theirs = [{ ...clauses[0], text: 'Theirs.' }]
  await page.request.put(draftPath(), { data: { clauses: theirs, revision } })
  await save()
  await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('region', { name: 'Saved by somebody else meanwhile' }).getByText('Theirs.').waitFor()
  expect(await title().inputValue()).toBe('Mine')
  await save()
  await saved().waitFor()
  expect(await draft()).toMatchObject({ clauses: [{ title: 'Mine' }] })
})

it('publishes what is saved now, once it was read, where somebody else saved while the draft was open', async () => {
  page = await served.open('guideline?tab=draft')
  await page.getByRole('button', { name: 'Publish' }).click()
  const dialog = page.getByRole('dialog', { name: 'Publish the draft' })
  await dialog.getByLabel('What changes, in a line').fill('The first rule')
  const { clauses, revision } = await draft()
  const theirs = [{ ...clauses[0], title: 'Newer' }]
  await page.request.put(draftPath(), { data: { clauses: theirs, revision } })
  await dialog.getByRole('button', { name: 'Publish' }).click()
  await dialog.getByRole('alert').getByRole('button', { name: 'Try again' }).click()
  await dialog.getByRole('heading', { name: 'Newer' }).waitFor()
  await dialog.getByRole('button', { name: 'Publish' }).click()
  await page.getByText('Version 1 is in force.').waitFor()
})

it('saves each field of the settings as it was typed', async () => {
  const { db, project } = served.at
  page = await served.open('settings')
  const fill = async (label: string, text: string) => {
    const field = page.getByRole('textbox', { name: label })
    await field.fill('')
    await field.pressSequentially(text)
  }
  await fill('What it is about', 'Answers to customers')
  await fill('Minutes that a task is held', '12.5')
  await fill('Share of answers that is reviewed', '7.5')
  await fill('Break after, in minutes of work', '45')
  await fill('Most hours of work a day', '6.5')
  const tags = page.getByRole('combobox', { name: 'Tags of sensitive content' })
  await tags.pressSequentially('medical')
  await tags.press('Enter')
  await page.getByRole('switch', { name: /people see what others said/ }).press('Space')
  await page.getByRole('switch', { name: /whether they gave the expected answer/ }).press('Space')
  await save()
  await page.getByText('The settings are saved.').waitFor()
  expect(await findProject(db, project, 'lead')).toMatchObject({
    description: 'Answers to customers',
    leaseSeconds: 750,
    settings: {
      ...{ reviewShare: 0.075, breakAfterMinutes: 45, dailyCapHours: 6.5, sensitiveTags: ['medical'] },
      ...{ showOthersAfterSubmit: true, explainGold: true },
    },
  })
  expect(faultsOf(page)).toEqual([])
})

it('saves the settings that were changed here, and leaves those that somebody else changed meanwhile', async () => {
  const { db, project } = served.at
  page = await served.open('settings')
  const name = page.getByLabel('Name')
  await name.fill(' ')
  await save()
  await name.fill('Ours')
  const { settings } = (await findProject(db, project, 'lead'))!
  await changeProject(db, project, {
    description: 'By a colleague',
    settings: { gates: { ...settings.gates, minWinRate: 0.7 } },
  })
  await save()
  await page.getByText('The settings are saved.').waitFor()
  expect(await findProject(db, project, 'lead')).toMatchObject({
    name: 'Ours',
    description: 'By a colleague',
    settings: { gates: { minWinRate: 0.7 } },
  })
  await expect.poll(() => page.getByLabel('What it is about').inputValue()).toBe('By a colleague')
  expect(await name.evaluate((field) => field === document.activeElement)).toBe(true)
  expect(faultsOf(page)).toEqual([])
})

it('shows who did what, and begins to verify the chain by a key', async () => {
  page = await served.open('audit')
  await page.getByRole('row', { name: /Ada.*guideline\.publish/ }).waitFor()
  await page.getByLabel('What contains').fill('project')
  await expect.poll(() => page.getByRole('row', { name: /guideline/ }).count()).toBe(0)
  await page
    .getByRole('row', { name: /Ada.*project\.change/ })
    .first()
    .waitFor()
  await page.getByRole('heading', { name: 'Audit', level: 1 }).click()
  await page.keyboard.press('v')
  await page.getByRole('region', { name: 'The chain' }).getByText('Verify the audit log').first().waitFor()
  await looksRight(page, 'audit')
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axe, faultsOf } from '../../../test/browser.ts'
import type { JudgedProject } from '../../../test/judged.ts'
import { looksRight } from '../../../test/looks.ts'
import type { TestPerson } from '../../../test/project.ts'
import { type ServedScreens, servedScreens } from '../../../test/screens.ts'

let at: JudgedProject
let lead: TestPerson
let open: ServedScreens['open']
let close: (() => Promise<void>) | undefined

beforeAll(async () => {
  ;({ at, lead, open, close } = await servedScreens())
})
afterAll(() => close?.())

describe.each([
  ['quality', 'Agreement of each two people on the preference'],
  ['quality?tab=findings', 'adjusted for the number of people tested'],
  ['quality?tab=contested', 'Weighed by reliability'],
  ['quality?tab=bias', 'Share of the left of the screen'],
  ['quality?tab=drift', 'Answers that most others gave too'],
  ['quality?tab=gold', 'No gold answered yet'],
  ['annotators', 'What stands out'],
  ['leaderboard', 'Who wins against whom'],
  ['my-work', 'Agreement with others'],
])('%s', (path, landmark) => {
  it('breaks no rule, wide and narrow, light and dark', async () => {
    const page = await open(path, { as: path === 'my-work' ? at.people.careful : lead })
    await page.getByText(landmark).first().waitFor()
    await page.waitForLoadState('networkidle')
    await looksRight(page, path.replace(/\W+/g, '-'))
    await page.close()
  })
})

it('says who stands out and why, marks simulated people, and accuses nobody careful', async () => {
  const page = await open('annotators')
  const found = page.getByRole('region', { name: 'What stands out' })
  await found.getByText(/left of the screen in \d+% \[\d+%, \d+%\] of \d+ decided comparisons/).waitFor()
  expect(await found.getByText('Sim careful', { exact: true }).count()).toBe(0)
  expect(await page.getByText('simulated', { exact: true }).count()).toBeGreaterThanOrEqual(5)
  await page.close()
})

it('opens a contested task beside the list, at an address of its own', async () => {
  const page = await open('quality?tab=contested')
  await page.locator('tbody tr').first().click()
  await page.getByRole('dialog', { name: 'Contested task' }).getByText('What was said').waitFor()
  expect(new URL(page.url()).searchParams.get('row')).toMatch(/^[0-9a-f-]{36}\.compare$/)
  expect(await axe(page)).toEqual([])
  await page.close()
})

it('keeps groups that nothing links apart, and length out where asked', async () => {
  const page = await open('leaderboard')
  await page.getByText('Not comparable').waitFor()
  await page.getByLabel('At equal length').click()
  await page.getByText(/Length is not taken out|in log odds\. The strengths below/).waitFor()
  expect(new URL(page.url()).searchParams.get('style')).toBe('length')
  await page.close()
})

it('leads from a number to how it was made', async () => {
  const page = await open('quality?tab=bias')
  await page.getByRole('link', { name: 'Exact test against one half' }).first().click()
  await page.getByRole('heading', { name: 'Side bias' }).waitFor()
  await page.getByText('Clopper and Pearson').waitFor()
  expect(faultsOf(page)).toEqual([])
  await page.close()
})

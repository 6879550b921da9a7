/** The whole loop in a browser, on real pairs: judged, learned from, trained on, measured, decided, and round again. */
import { expect } from 'vitest'
import { faultsOf, type Page } from '../test/browser.ts'
import { fill } from './keyboard.ts'
import { pairs, type Stage } from './stage.ts'

const name = 'Whole loop'

export interface Loop {
  lead: Page
  people: Page[]
  /** Opens a page of the project as the lead. */
  go(page: string, heading: string): Promise<void>
  /** Calls the API as the lead. */
  api<T>(method: string, path: string, body?: object): Promise<T>
  /** Both people answer by keyboard what the queue holds for them, each at most so many. */
  judge(most: number): Promise<number>
}

const response = (page: Page) => page.getByRole('region', { name: 'Task', exact: true })
const idle = (page: Page) => page.getByText(/^Nothing to do at the moment/)

/** Whether there is a task, once the screen knows. */
async function hasTask(page: Page): Promise<boolean> {
  await response(page).or(idle(page)).first().waitFor()
  return response(page).isVisible()
}

/** One person prefers the longer of the two, now and then neither; `1` is the left, `7` the right. */
async function answer(page: Page, at: number): Promise<void> {
  await page.getByRole('radiogroup', { name: 'Which response is better' }).waitFor()
  const lengths = await page
    .getByRole('article', { name: /^Response/ })
    .evaluateAll((all) => all.map((one) => one.textContent!.length))
  await page.keyboard.press(at % 9 === 8 ? '4' : lengths[0]! > lengths[1]! ? '2' : '6')
  const counted = await page.getByLabel('Progress of today').innerText()
  await page.keyboard.press('Enter')
  await expect.poll(() => page.getByLabel('Progress of today').innerText(), { timeout: 10_000 }).not.toBe(counted)
}

async function work(page: Page, most: number): Promise<number> {
  await page.reload()
  let count = 0
  while (count < most && (await hasTask(page))) await answer(page, count++)
  return count
}

/** A project with the pairs as tasks, its lead, and two people at their work. */
export async function startLoop({ plumbline, open }: Stage): Promise<Loop> {
  const lead = await open()
  await lead.goto(plumbline.setupLink)
  await lead.getByRole('heading', { name: 'Set up Plumbline' }).waitFor()
  await fill(lead, 'Olga Owner', 'olga@example.org', 'correct horse battery')
  await lead.getByRole('heading', { name: 'Projects' }).waitFor()
  const { id } = await plumbline.command<{ id: string }>('project', 'add', name)
  const imported = await plumbline.command<{ tasks: number }>(
    ...['import', pairs, '--project', name, '--format', 'hh', '--as', 'tasks', '--overlap', '1'],
  )
  expect(imported.tasks).toBe(1800)
  const { users } = await plumbline.command<{ users: { link: string }[] }>(
    ...['user', 'add', 'ada@example.org', 'grace@example.org', '--project', name, '--role', 'annotator'],
  )
  const people = await Promise.all(
    users.map(async ({ link }) => {
      const page = await open()
      await page.goto(link)
      await page.getByRole('heading', { name: 'Set a new password' }).waitFor()
      await fill(page, 'a long enough secret')
      await page.getByRole('heading', { name: 'Projects' }).waitFor()
      await page.goto(`/projects/${id}/work`)
      return page
    }),
  )
  return {
    lead,
    people,
    async go(page, heading) {
      await lead.goto(`/projects/${id}/${page}`)
      await lead.getByRole('heading', { level: 1, name: heading }).waitFor()
    },
    api: (method, path, body) =>
      lead.evaluate(
        async ([method, path, body]) => {
          const headers = { 'content-type': 'application/json' }
          const answered = await fetch(path, { method, headers, body: body && JSON.stringify(body) })
          if (!answered.ok) throw new Error(await answered.text())
          return answered.json()
        },
        [method, `/api/projects/${id}${path}`, body] as const,
      ),
    judge: async (most) => (await Promise.all(people.map((page) => work(page, most)))).reduce((a, b) => a + b, 0),
  }
}

/** The lead's page says where the round stands. */
const stands = (lead: Page, text: RegExp, seconds = 60): Promise<void> =>
  lead
    .getByRole('status')
    .filter({ hasText: text })
    .first()
    .waitFor({ timeout: seconds * 1000 })

/** From a round that waits for people to the beginning of the next one. */
export async function turnRound(loop: Loop, seconds: number): Promise<void> {
  const { lead } = loop
  await loop.go('loop', 'Loop')
  await stands(lead, /Round 1 is at judgements: \d+ of \d+ comparisons/, seconds)
  expect(await loop.judge(30)).toBeGreaterThan(5)
  await stands(lead, /Round 1 is at evaluation: .*\d+ of \d+ judged/, seconds)
  expect(await loop.judge(30)).toBeGreaterThan(2)
  await stands(lead, /Round 1 (waits for you at promotion|is through)|Round 2 is/, seconds)
  await decide(loop)
  await loop.go('loop', 'Loop')
  await stands(lead, /Round 2 is at (judgements|samples)/, seconds)
}

/** So few comparisons prove nothing: where the gates say so, only a lead's word goes on, and stays on record. */
async function decide(loop: Loop): Promise<void> {
  const { lead } = loop
  if (!(await lead.getByText('Round 1 waits for you at promotion').isVisible())) return
  await loop.go('gates', 'Gates')
  await lead.getByRole('button', { name: /Promote it all the same/ }).click()
  await lead.getByRole('dialog').getByRole('textbox').fill('An automated test of the whole loop.')
  await lead
    .getByRole('dialog')
    .getByRole('button', { name: /^Promote/ })
    .click()
  await lead.getByText('An automated test of the whole loop.').first().waitFor()
}

/** What the pages complained of, but that nobody was signed in yet when they first asked. */
export const faults = ({ lead, people }: Loop): string[] =>
  [lead, ...people].flatMap((page) => faultsOf(page)).filter((fault) => !fault.includes('401'))

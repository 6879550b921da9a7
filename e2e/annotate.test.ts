/** From the printed link to judged pairs: real server, real Chromium, real data, by keyboard alone. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { axe, faultsOf, type Page } from '../test/browser.ts'
import { fill, tabTo } from './keyboard.ts'
import { havePairs, pairs, stage, unlessSkipped } from './stage.ts'

const set = stage(havePairs)
let owner: Page
const folder = mkdtempSync(join(tmpdir(), 'plumbline-annotate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const task = (page: Page) => page.getByRole('region', { name: 'Task', exact: true })
/** Conversation and responses, as they read. */
const textOf = async (page: Page) =>
  (await task(page).getByRole('article').allInnerTexts()).join('\n').replace(/\s+/g, ' ')
const chosen = (page: Page) =>
  page.getByRole('radiogroup', { name: 'Which response is better' }).getByRole('radio', { checked: true })
const today = (page: Page) => page.getByLabel('Progress of today').innerText()

/** A task is there with its editor, and its Markdown is rendered: both are loaded when they are first needed. */
async function ready(page: Page): Promise<void> {
  await task(page).waitFor()
  await page.getByRole('radiogroup', { name: 'Which response is better' }).waitFor()
  await page.waitForLoadState('networkidle')
}

/** Presses a key that leads to another task, and waits for it. */
async function onward(page: Page, key: string): Promise<void> {
  const before = await textOf(page)
  await page.keyboard.press(key)
  // A robot may be quicker than the server, and then sees for a moment that there is no task yet.
  await expect.poll(() => textOf(page), { timeout: 10_000 }).not.toSatisfy((now) => now === '' || now === before)
}

/** Presses Enter and says how many milliseconds later the next task stood on the screen. */
async function submitTimed(page: Page): Promise<number> {
  const shown = await page.evaluateHandle(() => {
    const old = document.querySelector('[aria-label="Response A"]')
    let pressed = 0
    window.addEventListener('keydown', (event) => (pressed = event.timeStamp), { capture: true, once: true })
    const next = new Promise<number>((done) => {
      const observer = new MutationObserver(() => {
        const now = document.querySelector('[aria-label="Response A"]')
        if (!pressed || !now || now === old) return
        observer.disconnect()
        // After the next frame is painted.
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - pressed)))
      })
      observer.observe(document.body, { childList: true, subtree: true })
    })
    return { next }
  })
  await page.keyboard.press('Enter')
  return shown.evaluate(({ next }) => next)
}

/** An annotation as it is exported, as far as it is looked at here. */
interface Said {
  task: string
  person: string
  targets: string[]
  payload: { strength?: number }
}
const linesOf = <T>(file: string) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T)

interface Invited {
  users: { email: string; link: string }[]
}

async function enter(link: string): Promise<Page> {
  const page = await set.open()
  await page.goto(link)
  await page.getByRole('heading', { name: 'Set a new password' }).waitFor()
  await fill(page, 'a long enough secret')
  await page.getByRole('heading', { name: 'Projects' }).waitFor()
  await tabTo(page, /^Work/)
  await page.keyboard.press('Enter')
  await ready(page)
  return page
}

describe.skipIf(!havePairs)(`two people judge real pairs${unlessSkipped}`, () => {
  let people: Page[]

  it('sets up the owner through the printed link and starts a project', async () => {
    owner = await set.open()
    await owner.goto(set.plumbline.setupLink)
    await owner.getByRole('heading', { name: 'Set up Plumbline' }).waitFor()
    await fill(owner, 'Olga Owner', 'olga@example.org', 'correct horse battery')
    await owner.getByRole('heading', { name: 'Projects' }).waitFor()
    await tabTo(owner, /^Start a project/)
    await owner.keyboard.press('Enter')
    await owner.getByRole('dialog').waitFor()
    await fill(owner, 'Helpful and harmless')
    await expect.poll(() => owner.url()).toMatch(/\/projects\/[0-9a-f-]{36}/)
  })

  it('takes the pairs and the people from the command line', async () => {
    const imported = await set.plumbline.command<object>(
      ...['import', pairs, '--project', 'Helpful and harmless', '--format', 'hh', '--as', 'tasks', '--overlap', '2'],
    )
    expect(imported).toMatchObject({ failed: [] })
    const { users } = await set.plumbline.command<Invited>(
      ...['user', 'add', 'ada@example.org', 'grace@example.org', '--project', 'Helpful and harmless'],
      ...['--role', 'annotator'],
    )
    people = await Promise.all(users.map(({ link }) => enter(link)))
  })

  it('lets both judge ten pairs each, through a reload, an undo, a skip and a lost network', async () => {
    const [ada, grace] = people as [Page, Page]

    async function adaWorks() {
      await ada.keyboard.press('1')
      await onward(ada, 'Enter')

      // A draft outlives a reload.
      await ada.keyboard.press('2')
      await ada.keyboard.press('c')
      await ada.keyboard.type('half a thought')
      const drafted = await textOf(ada)
      await ada.reload()
      await ready(ada)
      await expect.poll(() => textOf(ada)).toBe(drafted)
      expect(await chosen(ada).getAttribute('aria-label')).toBe('A is better')
      expect(await ada.getByLabel('Comment').inputValue()).toBe('half a thought')
      await onward(ada, 'Enter')

      // Undo brings back the task with what was said.
      await ada.keyboard.press('3')
      const undone = await textOf(ada)
      await onward(ada, 'Enter')
      await onward(ada, 'Backspace')
      await expect.poll(() => textOf(ada)).toBe(undone)
      expect(await chosen(ada).getAttribute('aria-label')).toBe('A is slightly better')
      await expect.poll(() => today(ada), { timeout: 5000 }).toMatch(/^2 today/)
      await ada.keyboard.press('0')
      await onward(ada, 'Enter')

      // Without a network the next task is there, the answer is kept, and it leaves by itself.
      await ada.context().setOffline(true)
      await ada.keyboard.press('6')
      await onward(ada, 'Enter')
      await ada.getByText(/waits? to be sent/).waitFor()
      await ada.context().setOffline(false)
      await ada.getByText(/waits? to be sent/).waitFor({ state: 'detached' })

      // Skipping takes a reason.
      const skipped = await textOf(ada)
      await ada.keyboard.press('s')
      await ada.getByRole('dialog').waitFor()
      await ada.keyboard.press('4')
      await ada.keyboard.press('Enter')
      await ada.getByRole('dialog').waitFor({ state: 'detached' })
      await expect.poll(() => textOf(ada)).not.toSatisfy((now) => now === '' || now === skipped)

      for (const key of ['7', '4', '5', '2', '1', '3']) {
        await ada.keyboard.press(key)
        await onward(ada, 'Enter')
      }
    }

    async function graceWorks() {
      for (const key of ['7', '6', '5', '4', '3', '2', '1', '0', '1', '7']) {
        await grace.keyboard.press(key)
        await onward(grace, 'Enter')
      }
    }

    await Promise.all([adaWorks(), graceWorks()])
    for (const page of people) await expect.poll(() => today(page), { timeout: 5000 }).toMatch(/^10 today/)
    // Every answer is in the record once, and what was undone or skipped is not.
    const answers = await owner.evaluate(async () => {
      const [, , project] = location.pathname.split('/')
      let sum = 0
      let next: string | null = ''
      while (next !== null) {
        const page = await fetch(
          `/api/projects/${project}/tasks?limit=200${next && `&after=${encodeURIComponent(next)}`}`,
        )
        const list = (await page.json()) as { rows: { answered: number }[]; next: string | null }
        for (const { answered } of list.rows) sum += answered
        next = list.next
      }
      return sum
    })
    expect(answers).toBe(20)
  })

  it('lets the owner check one answer, see what both agree on, and export it', async () => {
    const project = new URL(owner.url()).pathname.split('/')[2]!
    const read = async (path: string) => (await owner.request.get(`/api/projects/${project}${path}`)).json()
    const {
      rows: [judged],
    } = await read('/tasks?state=answered&limit=1')
    const ofTask = owner.getByRole('dialog')
    const consensus = ofTask.getByRole('region', { name: 'Consensus' }).getByRole('row', { name: /^preference/ })
    await owner.goto(`/projects/${project}/tasks?row=${judged.id}`)
    await expect.poll(() => consensus.innerText()).toMatch(/\((50|100)%\)/)
    await tabTo(owner, /^Ask for a review/)
    await owner.keyboard.press('Enter')
    await owner.getByText('It is in the review queue').waitFor()

    await owner.goto(`/projects/${project}/review`)
    await owner.getByRole('heading', { name: '1 answer to check' }).waitFor()
    await owner.keyboard.press('Enter')
    await owner.getByRole('region', { name: 'Evidence' }).waitFor()
    await owner.keyboard.press('c')
    await owner.getByRole('region', { name: 'Corrected answer' }).getByRole('radiogroup').first().waitFor()
    await owner.keyboard.press('7')
    await owner.keyboard.press('Control+Enter')
    await owner.getByRole('heading', { name: 'Nothing to check' }).waitFor()
    const second = async () => (await read(`/tasks/${judged.id}/consensus`)).rows[0]?.counts.second ?? 0
    await expect.poll(second, { timeout: 5000 }).toBeGreaterThan(0)
    await owner.goto(`/projects/${project}/tasks?row=${judged.id}`)
    await expect.poll(() => consensus.innerText()).toMatch(/second \d \((50|100)%\)/)

    await owner.goto(`/projects/${project}/exports`)
    await tabTo(owner, /^Write the file/)
    await owner.keyboard.press('Enter')
    await owner.getByRole('button', { name: /^Save annotations/ }).waitFor()
    await tabTo(owner, /^Save annotations/)
    const [file] = await Promise.all([owner.waitForEvent('download'), owner.keyboard.press('Enter')])
    const said = linesOf<Said>(await file.path())
    expect(said).toHaveLength(20)
    const { id: me } = await (await owner.request.get('/api/me')).json()
    expect(said.filter(({ person }) => person === me)).toMatchObject([{ task: judged.id, payload: { strength: 3 } }])

    const out = join(folder, 'pairs.jsonl')
    const written = await set.plumbline.command<object>(
      ...['export', '--project', 'Helpful and harmless', '--format', 'trl-preference', '--out', out],
    )
    // A pair is there once where those who judged it lean to one side; both bad is no vote on which is better.
    const leaning = new Map<string, number>()
    for (const { targets, payload } of said)
      leaning.set(String(targets), (leaning.get(String(targets)) ?? 0) + Math.sign(payload.strength ?? 0))
    const decided = [...leaning.values()].filter((votes) => votes !== 0).length
    expect(written).toEqual({ rows: decided, unwritten: 0 })
    const rows = linesOf<Record<'prompt' | 'chosen' | 'rejected', string>>(out)
    expect(rows).toHaveLength(decided)
    for (const { prompt, chosen, rejected } of rows)
      expect([prompt, chosen === rejected]).toEqual([expect.stringMatching(/\S/), false])
  })

  it('has the next task on the screen within 100 ms of Enter', async () => {
    const page = people[1]!

    const pace: number[] = []

    for (const key of ['7', '6', '5', '4', '3']) {
      await page.keyboard.press(key)

      pace.push(await submitTimed(page))

      // What is fetched ahead is there by the time that anybody has read a task.

      await page.waitForLoadState('networkidle')
    }

    // The median of five: on a busy machine one or two tell of its other work.

    expect(pace.sort((a, b) => a - b)[2]).toBeLessThan(100)
  })

  it('shows every key, marks differences, walks turns, and opens the guideline', async () => {
    const page = people[1]!
    await page.keyboard.press('?')
    await page.getByRole('dialog').getByText('Both are bad').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('d')
    await expect.poll(() => page.evaluate(() => CSS.highlights.get('differs')?.size ?? 0)).toBeGreaterThan(0)
    await page.keyboard.press('n')
    expect(await page.evaluate(() => document.activeElement?.matches('[data-turn]'))).toBe(true)
    await page.keyboard.press('g')
    await page.getByRole('complementary', { name: 'Guideline' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('complementary', { name: 'Guideline' }).waitFor({ state: 'detached' })
  })

  it('says what a sensitive task contains before it shows it', async () => {
    const page = people[1]!
    await owner.evaluate(async (project) => {
      const api = async (method: string, path: string, body?: object) => {
        const headers = { 'content-type': 'application/json' }
        const response = await fetch(`/api/projects/${project}${path}`, {
          method,
          headers,
          body: JSON.stringify(body),
        })
        return response.json()
      }
      await api('PATCH', '', { settings: { sensitiveTags: ['violence'] } })
      for (let after = ''; after !== null; ) {
        const page = await api('GET', `/prompts?limit=200${after && `&after=${after}`}`)
        await api('POST', '/prompts/tag', {
          prompts: page.rows.map(({ id }: { id: string }) => id),
          add: ['violence'],
        })
        after = page.next
      }
    }, new URL(page.url()).pathname.split('/')[2])
    await page.reload()
    await page.getByRole('heading', { name: 'This task contains: violence' }).waitFor()
    expect(await page.getByLabel('Response A').count()).toBe(0)
    expect(await axe(page)).toEqual([])
    // An Enter too many, meant for the answer before, shows nothing.
    await page.keyboard.press('Enter')
    expect(await page.getByLabel('Response A').count()).toBe(0)
    await page.keyboard.press('v')
    await ready(page)
  })

  it('breaks no rule of access, wide or narrow, light or dark', async () => {
    const outside = await set.open()
    await outside.goto('/sign-in')
    await outside.getByRole('heading', { name: 'Sign in' }).waitFor()
    await owner.goto('/')
    await owner.getByRole('heading', { name: 'Projects' }).waitFor()
    const found: string[] = []
    for (const [name, page] of Object.entries({ work: people[1]!, home: owner, 'sign-in': outside }))
      for (const [width, colorScheme] of [
        [1280, 'light'],
        [400, 'dark'],
      ] as const) {
        await page.setViewportSize({ width, height: 800 })
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor()
        // Colours fade; half way they have no contrast.
        await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)))
        const place = `${name} at ${width} px, ${colorScheme}`
        found.push(...(await axe(page)).map((finding) => `${place}: ${finding}`))
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        if (over > 0) found.push(`${place}: ${over} px too wide`)
      }
    expect(found).toEqual([])
  })

  it('leads back to the page that was asked for, once signed in', async () => {
    const page = await set.open()
    await page.goto('/account')
    await page.getByLabel('E-mail address').waitFor()
    await fill(page, 'olga@example.org', 'correct horse battery')
    await page.getByRole('heading', { name: 'Account', level: 1 }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/account')
  })

  it('complains of nothing on the console but what was to be expected', () => {
    // A page that asks who one is hears 401 before signing in, and a network that is off is noticed.
    const expected = /status of 401|ERR_INTERNET_DISCONNECTED/
    const faults = [owner, ...people].flatMap((page) => faultsOf(page)).filter((fault) => !expected.test(fault))
    expect(faults).toEqual([])
  })
})

/** A lead's first day: set up, guideline, import with preview, invitation, review, export; then every screen under axe. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { axe, faultsOf, type Page } from '../test/browser.ts'
import { fill, tabTo } from './keyboard.ts'
import { havePairs, pairs, stage, unlessSkipped } from './stage.ts'

const set = stage(havePairs)
let lead: Page
/** `/projects/ID`, and the id alone. */
let base: string
let project: string

/** A field with a list of choices: the label names both. */
const field = (label: string) => lead.getByLabel(label).and(lead.locator('input'))
const dialog = (page: Page) => page.getByRole('dialog')
const see = (page: Page, heading: string) => page.getByRole('heading', { name: heading, level: 1 }).waitFor()
const notice = (text: string | RegExp) => lead.getByRole('status').getByText(text).waitFor()

/** An annotator without a browser: claims and answers over the API. */
async function answer(key: string, payload: object): Promise<{ task: string }> {
  const call = async (path: string, body: object, headers: object = {}) => {
    const response = await fetch(`${set.plumbline.url}/api${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    expect(response.status).toBe(200)
    return response.json()
  }
  const { assignment } = await call(`/projects/${project}/claim`, {})
  const body = { annotations: [{ step: 'compare', payload }], activeMs: 9000 }
  await call(`/assignments/${assignment.id}/submit`, body, { 'idempotency-key': assignment.id })
  return assignment
}

const title = `a lead runs a project${unlessSkipped}`
describe.skipIf(!havePairs)(title, () => {
  it('sets up the owner and starts a project, whose empty pages say what they are for', async () => {
    lead = await set.open()
    lead.setDefaultTimeout(10_000)
    await lead.goto(set.plumbline.setupLink)
    await lead.getByRole('heading', { name: 'Set up Plumbline' }).waitFor()
    await fill(lead, 'Olga Owner', 'olga@example.org', 'correct horse battery')
    await see(lead, 'Projects')
    await tabTo(lead, /^Start a project/)
    await lead.keyboard.press('Enter')
    await dialog(lead).waitFor()
    await fill(lead, 'Harmless')
    await lead.waitForURL(/\/projects\/[0-9a-f-]{36}\//)
    project = /projects\/([0-9a-f-]{36})/.exec(lead.url())![1]!
    base = `/projects/${project}`
    await lead.getByRole('heading', { name: 'No round has begun yet' }).waitFor()
    expect(await axe(lead)).toEqual([])
  })

  it('writes a guideline, sees what publishing changes, and publishes it', async () => {
    await lead.goto(`${base}/guideline`)
    await lead.getByRole('button', { name: 'Add a clause' }).click()
    await lead.getByLabel('Title').fill('Refuse to harm')
    await lead
      .getByRole('textbox', { name: 'Text' })
      .fill('Prefer the response that does **not** help to hurt anybody.')
    await lead.getByRole('button', { name: 'Add an example' }).click()
    await lead.getByLabel('Response').fill('I will not help with that.')
    await lead.keyboard.press('Control+s')
    await lead.getByText(/^Saved/).waitFor()
    await lead.getByRole('button', { name: 'Publish' }).click()
    await dialog(lead).getByRole('region', { name: 'added: refuse-to-harm' }).waitFor()
    await dialog(lead).getByLabel('What changes, in a line').fill('The first rule')
    await lead.keyboard.press('Tab')
    expect(await axe(lead)).toEqual([])
    await dialog(lead).getByRole('button', { name: 'Publish' }).click()
    await notice('Version 1 is in force.')
    await lead.getByRole('heading', { name: /Refuse to harm/ }).waitFor()
  })

  it('imports real pairs after seeing how their rows will look', async () => {
    await lead.goto(`${base}/prompts`)
    await see(lead, 'Prompts')
    await lead.keyboard.press('i')
    await see(lead, 'Import')
    await lead.locator('input[type=file]').setInputFiles(pairs)
    const first = lead.getByRole('article', { name: 'Line 1', exact: true })
    await first.getByText('what are some pranks with a pen i can do?').waitFor()
    await first.getByText('chosen').waitFor()
    expect(await axe(lead)).toEqual([])
    await field('Tags for the prompts').fill('hh')
    await lead.keyboard.press('Enter')
    await lead.keyboard.press('Control+Enter')
    await lead.getByText(/1,800 judgements, 1,800 tasks/).waitFor({ timeout: 60_000 })
    await lead.getByRole('link', { name: 'See the prompts' }).click()
    await lead.getByRole('row').nth(1).getByText('hh').waitFor()
  })

  it('says by line what is wrong with a file, and shows a table once its columns are named', async () => {
    await lead.goto(`${base}/prompts?import=1`)
    const rows = 'question,left,right\nWhich is taller?,Everest,K2\nA row too long,1,2,3\n'
    await lead
      .locator('input[type=file]')
      .setInputFiles({ name: 'mine.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) })
    const prompt = field('Columns of the prompt')
    await prompt.focus()
    await lead.keyboard.type('question')
    await lead.getByRole('option', { name: 'question' }).click()
    const responses = field('Columns of the responses')
    for (const column of ['left', 'right']) {
      await responses.focus()
      await lead.keyboard.type(column)
      await lead.getByRole('option', { name: column }).click()
    }
    await lead.getByRole('article', { name: 'Line 2' }).getByText('Everest').waitFor()
    await lead
      .getByRole('region', { name: 'First rows that cannot be taken' })
      .getByRole('row', { name: /^3/ })
      .waitFor()
    await lead.keyboard.press('Escape')
    await lead.getByRole('button', { name: 'Check the whole file' }).click()
    const check = lead.getByRole('region', { name: 'Check of the whole file' })
    await check.getByText('1 row can be taken, 1 cannot.').waitFor({ timeout: 20_000 })
    expect(await axe(lead)).toEqual([])
  })

  it('invites somebody, who comes in by the link', async () => {
    await lead.goto(`${base}/people`)
    await lead.getByRole('table').first().waitFor()
    await lead.keyboard.press('i')
    await dialog(lead).getByLabel('E-mail address').fill('rita@example.org')
    await dialog(lead).getByRole('button', { name: 'Make the link' }).click()
    const link = await dialog(lead)
      .getByText(/\/invitation\//)
      .innerText()
    const guest = await set.open()
    guest.setDefaultTimeout(10_000)
    await guest.goto(link)
    await guest.getByLabel('Your name').fill('Rita')
    await guest.getByLabel('Password').and(guest.locator('input')).fill('another long phrase')
    await guest.keyboard.press('Enter')
    await guest.waitForURL(/\/projects\/[0-9a-f-]{36}\/work/)
    await guest.close()
    await lead.reload()
    await lead.keyboard.press('Escape')
    await lead.getByRole('row', { name: /Rita/ }).waitFor()
  })

  it('reviews what was answered: accepts, corrects, returns', async () => {
    await lead.goto(`${base}/settings`)
    await lead.getByLabel('Share of answers that is reviewed').fill('100')
    await lead.getByRole('button', { name: 'Save', exact: true }).click()
    await notice('The settings are saved.')
    const { users } = await set.plumbline.command<{ users: { key: string }[] }>(
      ...['user', 'add', 'ada@example.org', '--project', project, '--role', 'annotator', '--key'],
    )
    for (const strength of [-3, -2, 1]) await answer(users[0]!.key, { strength })

    const waiting = async () => (await lead.request.get(`/api${base}/reviews/queue`)).json()
    await expect.poll(waiting, { timeout: 10_000 }).toEqual({ waiting: 3 })
    await lead.goto(`${base}/review`)
    await lead.getByRole('heading', { name: '3 answers to check' }).waitFor()
    await lead.keyboard.press('Enter')
    const given = lead.getByRole('region', { name: 'Answer' })
    await given.getByText('First is much better').waitFor()
    expect(await axe(lead)).toEqual([])
    await lead.keyboard.press('r')
    await lead.keyboard.type('On second thoughts it is fine.')
    await lead.keyboard.press('Escape')
    await expect.poll(() => lead.evaluate(() => document.activeElement?.textContent)).toBe('The answer')
    await lead.keyboard.press('a')
    await given.getByText('First is better').waitFor()
    await lead.keyboard.press('c')
    await given.getByRole('radiogroup', { name: 'Which response is better' }).waitFor()
    await lead.keyboard.press('6')
    expect(await axe(lead)).toEqual([])
    await lead.keyboard.press('Control+Enter')
    await given.getByText('Second is slightly better').waitFor()
    await lead.keyboard.press('r')
    await lead.keyboard.type('Read the second to its end.')
    await lead.keyboard.press('Control+Enter')
    await lead.getByRole('heading', { name: 'Nothing to check' }).waitFor()

    await lead.getByRole('tab', { name: 'Checked' }).click()
    for (const verdict of ['accepted', 'corrected', 'returned'])
      await lead.getByRole('cell', { name: verdict }).waitFor()
    const { rows } = await (await lead.request.get(`/api${base}/reviews?verdict=accept`)).json()
    expect(rows).toMatchObject([{ reason: '' }])
  })

  it('exports what counts, and the file says so', async () => {
    await lead.goto(`${base}/exports`)
    await lead.getByRole('button', { name: 'Write the file' }).click()
    await lead.getByText(/written; the file is below/).waitFor()
    const [file] = await Promise.all([
      lead.waitForEvent('download'),
      lead.getByRole('button', { name: /^Save annotations/ }).click(),
    ])
    const rows = readFileSync(await file.path(), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { payload: { strength: number }; guidelineVersion: number; kind: string })
    expect(rows.map(({ payload }) => payload.strength).sort((a, b) => a - b)).toEqual([-3, 1, 2])
    expect(rows.every(({ kind, guidelineVersion }) => kind === 'compare' && guidelineVersion === 1)).toBe(true)
  })

  it('finds a task by its address, with all that was said of it', async () => {
    await lead.goto(`${base}/tasks?state=answered&purpose=label`)
    await lead.getByRole('row').nth(1).waitFor()
    await lead.getByRole('row').nth(1).focus()
    await lead.keyboard.press('Enter')
    await dialog(lead).getByText('Came with the file').waitFor()
    expect(await axe(lead)).toEqual([])
    await lead.reload()
    await dialog(lead).getByText('Came with the file').waitFor()
    await lead.keyboard.press('Escape')
    await dialog(lead).waitFor({ state: 'hidden' })
    expect(new URL(lead.url()).searchParams.get('state')).toBe('answered')
  })

  it('shows every screen at 1280 and 400 px without a serious finding, in its width', async () => {
    const screens: Record<string, string> = {
      [`${base}/prompts`]: 'Prompts',
      [`${base}/prompts?import=1`]: 'Import',
      [`${base}/policies?new=1`]: 'Policies',
      [`${base}/samples`]: 'Samples',
      [`${base}/tasks`]: 'Tasks',
      [`${base}/guideline?tab=draft`]: 'Guideline',
      [`${base}/guideline?tab=versions&version=1`]: 'Guideline',
      [`${base}/comparison`]: 'Comparison',
      [`${base}/review?tab=done`]: 'Review',
      [`${base}/exports`]: 'Exports',
      [`${base}/people`]: 'People',
      [`${base}/settings`]: 'Settings',
      [`${base}/audit`]: 'Audit',
      [`${base}/activity`]: 'Activity',
      '/people': 'Everybody',
      '/reference': 'API reference',
    }
    for (const [path, heading] of Object.entries(screens)) {
      await lead.setViewportSize({ width: 1280, height: 800 })
      await lead.goto(path)
      // A dialog hides the page behind it from those who hear it.
      await lead.getByRole('heading', { name: heading, level: 1, includeHidden: true }).waitFor()
      await lead.waitForFunction(() => !document.querySelector('[aria-busy="true"]'))
      for (const width of [1280, 400]) {
        await lead.setViewportSize({ width, height: 800 })
        expect(await axe(lead), `${path} at ${width} px`).toEqual([])
        const over = await lead.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        expect(over, `${path} scrolls sideways at ${width} px`).toBeLessThanOrEqual(0)
      }
    }
  })

  it('left no fault in the console', () => {
    // The browser reports each refused request: whoever is not signed in yet is asked once who they are.
    expect(faultsOf(lead).filter((fault) => !/status of 401/.test(fault))).toEqual([])
  })
})

/** The widgets in a real Chromium, under the policy that the product is served with. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axe, type Browser, faultsOf, newPage, openBrowser, type Page } from '../../test/browser.ts'
import { type Gallery, openGallery } from '../../test/gallery.ts'

let gallery: Gallery
let browser: Browser
beforeAll(async () => {
  ;[gallery, browser] = await Promise.all([openGallery(), openBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await gallery?.close()
})

async function open(path: string, options: { width?: number; dark?: boolean } = {}): Promise<Page> {
  const page = await newPage(browser, { ...options, baseURL: gallery.url })
  await page.goto(path)
  await page.locator('h1').first().waitFor()
  return page
}
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '')

describe.each([
  { width: 1280, dark: false },
  { width: 400, dark: true },
])('at $width px, dark $dark', ({ width, dark }) => {
  it.each(['/', '/work'])('%s breaks no rule: access, width, policy', async (path) => {
    const page = await open(path, { width, dark })
    await page.waitForLoadState('networkidle')
    expect(await axe(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    expect(faultsOf(page)).toEqual([])
    await page.close()
  })
})

describe('the shell', () => {
  it('names the page, its project and the product', async () => {
    const page = await open('/')
    expect(await page.title()).toBe('Gallery · Helpful and harmless · Plumbline')
    await page.getByRole('button', { name: /^Project: Helpful/ }).click()
    await page.getByRole('menuitem', { name: 'Summaries' }).click()
    await expect.poll(() => page.title()).toBe('Gallery · Summaries · Plumbline')
    await page.close()
  })

  it('leads to the content first, by keyboard', async () => {
    const page = await open('/')
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('Skip to content')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main')
    await page.close()
  })

  it('turns its rail into a drawer on a narrow window', async () => {
    const page = await open('/', { width: 400 })
    expect(await page.getByRole('link', { name: 'Collect' }).isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Stations of the project' }).click()
    await page.getByRole('link', { name: 'Collect' }).click()
    await expect.poll(() => new URL(page.url()).pathname).toBe('/projects/1/prompts')
    expect(await axe(page)).toEqual([])
    expect(faultsOf(page)).toEqual([])
    await page.close()
  })

  it('finds pages and what the server knows, by keyboard alone', async () => {
    const page = await open('/')
    await page.keyboard.press('/')
    await page.getByRole('combobox', { name: /Search/ }).waitFor()
    await page.keyboard.type('grace')
    await page.getByRole('option', { name: 'Grace' }).waitFor()
    expect(await axe(page)).toEqual([])
    await page.keyboard.press('Control+a')
    await page.keyboard.type('leader')
    await page.getByRole('option', { name: /Leaderboard/ }).waitFor()
    await page.keyboard.press('Enter')
    await expect.poll(() => new URL(page.url()).pathname).toBe('/projects/1/leaderboard')
    expect(await page.getByRole('link', { name: 'Leaderboard' }).getAttribute('aria-current')).toBe('page')
    expect(faultsOf(page)).toEqual([])
    await page.close()
  })

  it('remembers dark or light against the system', async () => {
    const page = await open('/')
    await page.getByRole('button', { name: /^Me:/ }).click()
    await page.getByText('Dark', { exact: true }).click()
    await page.reload()
    await page.locator('h1').waitFor()
    expect(await page.evaluate(() => document.documentElement.dataset.mantineColorScheme)).toBe('dark')
    await page.close()
  })

  it('shows work under way and lets it be cancelled', async () => {
    const page = await open('/')
    await page.getByRole('button', { name: 'Activity: 1 under way' }).click()
    await page.getByRole('dialog', { name: 'Activity' }).getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Activity: nothing under way' }).waitFor()
    await page.close()
  })
})

describe('keys', () => {
  it('act, are listed by ?, and keep silent while something is typed', async () => {
    const page = await open('/work')
    await page.keyboard.press('3')
    const step = page.getByRole('button', { name: '3', exact: true })
    await expect.poll(() => step.getAttribute('data-variant')).toBe('filled')
    await page.keyboard.press('?')
    const list = page.getByRole('dialog', { name: 'Keys that work here' })
    await list.getByText('Step 3 of 7').waitFor()
    expect(await axe(page)).toEqual([])
    await page.keyboard.press('5')
    await page.keyboard.press('Escape')
    await list.waitFor({ state: 'hidden' })
    expect(await step.getAttribute('data-variant')).toBe('filled')

    await page.goto('/table')
    await page.getByLabel('Prompt contains').fill('')
    await page.keyboard.type('?/')
    expect(await page.getByLabel('Prompt contains').inputValue()).toBe('?/')
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.close()
  })
})

describe('notices', () => {
  it('offer to undo, and a fault stays until it is closed', async () => {
    const page = await open('/notices')
    await page.getByRole('button', { name: 'Fail' }).click()
    await page.getByRole('button', { name: 'Send' }).click()
    expect(await axe(page)).toEqual([])
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('status').getByText('Taken back.').waitFor()
    const fault = page.getByRole('alert').getByText('The task went to someone else. Take the next one.')
    expect(await fault.isVisible()).toBe(true)
    await page.getByRole('alert').getByRole('button', { name: 'Close notice' }).click()
    await fault.waitFor({ state: 'hidden' })
    await page.close()
  })
})

describe('a number field', () => {
  it('stays empty or half typed until it is left, and shows the last number then', async () => {
    const page = await open('/fields')
    const days = page.getByLabel('Days')
    await days.fill('')
    expect(await days.inputValue()).toBe('')
    await page.keyboard.type('1.05')
    expect(await days.inputValue()).toBe('1.05')
    await page.getByText('1.05 days', { exact: true }).waitFor()
    await days.fill('')
    await days.blur()
    expect(await days.inputValue()).toBe('1.05')
    await days.fill('400')
    await days.blur()
    expect(await days.inputValue()).toBe('90')
    await page.close()
  })
})

describe('what copies', () => {
  it('does so without https too, and says where a browser lets no page copy', async () => {
    const page = await open('/fields')
    await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
    await page.getByRole('button', { name: 'Copy the days' }).press('Enter')
    const copied = page.getByRole('button', { name: 'Copied' })
    await copied.waitFor()
    expect(await copied.evaluate((button) => button === document.activeElement)).toBe(true)
    await page.getByLabel('Days').fill('')
    await page.keyboard.press('Control+v')
    expect(await page.getByLabel('Days').inputValue()).toBe('7')
    await page.evaluate(() => Object.assign(document, { execCommand: () => false }))
    await page.getByRole('button', { name: 'Copy the days' }).click()
    await page.getByRole('alert').getByText('copy it yourself').waitFor()
    await page.close()
  })
})

describe('the table', () => {
  it('keeps filters, sort and page in the address, and only one page in the document', async () => {
    const page = await open('/table')
    const rows = page.locator('tbody tr')
    await expect.poll(() => rows.count()).toBe(20)
    await page.getByRole('button', { name: 'Judgements' }).click()
    await page.getByRole('button', { name: 'Judgements' }).click()
    await page.getByLabel('Prompt contains').fill('bicycle')
    await expect.poll(() => new URL(page.url()).search).toBe('?sort=-judgements&prompt=bicycle')
    await page.getByRole('button', { name: 'Next' }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('after')).toBe('20')
    await expect.poll(() => page.locator('[data-stale]').count()).toBe(0)
    const shown = await rows.first().textContent()

    const colleague = await open(new URL(page.url()).pathname + new URL(page.url()).search)
    await expect.poll(() => colleague.locator('tbody tr').first().textContent()).toBe(shown)
    expect(await colleague.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('descending')
    await colleague.close()

    await page.getByRole('button', { name: 'Previous' }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('after')).toBe(null)
    expect(faultsOf(page)).toEqual([])
    await page.close()
  })

  it('is walked, turned and opened by keyboard', async () => {
    const page = await open('/table')
    await page.locator('tbody tr').first().focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    expect(await focused(page)).toContain('(3)')
    await page.keyboard.press('Enter')
    await expect.poll(() => new URL(page.url()).searchParams.get('row')).toBe('3')
    expect(await page.locator('tr[aria-current]').textContent()).toContain('(3)')
    await page.keyboard.press('End')
    expect(await focused(page)).toContain('(20)')
    await page.keyboard.press('PageDown')
    await expect.poll(() => focused(page)).toContain('(21)')
    await page.keyboard.press('PageUp')
    await expect.poll(() => focused(page)).toContain('(1)')
    await page.close()
  })

  it('keeps the space after a word in a filter, however slowly the next is typed', async () => {
    const page = await open('/table')
    const filter = page.getByLabel('Prompt contains')
    await filter.pressSequentially('bicycle ')
    await expect.poll(() => new URL(page.url()).search).toBe('?prompt=bicycle')
    await filter.pressSequentially('when')
    expect(await filter.inputValue()).toBe('bicycle when')
    await page.close()
  })

  it('remembers columns and filters under a name, and exports what is shown', async () => {
    const page = await open('/table?state=open')
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByLabel('Last answer').check()
    await page.keyboard.press('Escape')
    await page.getByRole('columnheader', { name: 'Last answer' }).waitFor()
    await page.getByRole('button', { name: 'Saved filters' }).click()
    await page.getByLabel('Name of these filters').fill('Mine')
    await page.keyboard.press('Enter')
    await page.goto('/table')
    await page.getByRole('columnheader', { name: 'Last answer' }).waitFor()
    await page.getByRole('button', { name: 'Saved filters' }).click()
    await page.getByRole('button', { name: 'Mine', exact: true }).click()
    await expect.poll(() => new URL(page.url()).search).toBe('?state=open')
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export what is shown' }).click()
    const path = await (await download).path()
    const lines = readFileSync(path, 'utf8').trimEnd().split('\r\n')
    expect(lines[0]).toBe('\uFEFFPrompt,State,Judgements,Agreement,Last answer')
    // Every page, not the one on the screen alone, and only what the filter lets through.
    expect(lines.length - 1).toBeGreaterThan(20)
    expect(lines.slice(1).every((line) => line.includes(',open,'))).toBe(true)
    await page.close()
  })

  it('says what is wrong, and when nothing matches', async () => {
    const page = await open('/table?prompt=zebra')
    await page.getByText('Nothing matches these filters.').waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await expect.poll(() => page.locator('tbody tr').count()).toBe(20)
    await page.goto('/table?prompt=fail')
    await page.getByText('The server is starting.').waitFor({ timeout: 15_000 })
    await page.getByRole('button', { name: 'Try again' }).waitFor()
    await page.close()
  })
})

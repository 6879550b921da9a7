/** A real Chromium for tests of what people see: widgets here, whole journeys in e2e/. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'

export type { Browser, Page } from 'playwright-core'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: flags })

interface PageOptions {
  width?: number
  height?: number
  dark?: boolean
  baseURL?: string
}

const faults = new WeakMap<Page, string[]>()

/** A page in a context of its own: nothing is shared with other people signed in elsewhere. */
export async function newPage(
  browser: Browser,
  { width = 1280, height = 800, dark = false, baseURL }: PageOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    baseURL,
  })
  const page = await context.newPage()
  const seen: string[] = []
  faults.set(page, seen)
  page.on('pageerror', (error) => seen.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') seen.push(message.text())
  })
  page.on('close', () =>
    context.close().catch(() => {
      // The whole browser was closed, and the context with it.
    }),
  )
  return page
}

/** What the page complained of so far: uncaught errors, console errors, refusals of the content security policy. */
export const faultsOf = (page: Page): readonly string[] => faults.get(page) ?? []

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeResult {
  violations: { id: string; impact: string; help: string; nodes: { target: string[]; failureSummary: string }[] }[]
}

/** Serious and critical findings of axe, one line each; empty is what a test wants. */
export async function axe(page: Page): Promise<string[]> {
  // Evaluated by the debugger, so that the page's own policy need not allow it.
  if (!(await page.evaluate('typeof axe !== "undefined"'))) await page.evaluate(axeSource)
  const { violations } = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as AxeResult
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help} at ${target.join(' ')}. ${failureSummary}`),
    )
}

/** What every story in a browser plays on: a server of its own, Chromium, and the real pairs where they are there. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll } from 'vitest'
import { type Browser, newPage, openBrowser, type Page } from '../test/browser.ts'
import { type Plumbline, startPlumbline } from './server.ts'

/** 1,800 pairs of Anthropic's HH. */
export const pairs = fileURLToPath(
  new URL('../../shared/data/hh-rlhf/harmless-base.first1800.jsonl.gz', import.meta.url),
)
export const havePairs = existsSync(pairs)
/** Behind the title of what is skipped without them. */
export const unlessSkipped = havePairs ? '' : ' (SKIPPED: ../shared/data/hh-rlhf is not here)'

export interface Stage {
  plumbline: Plumbline
  browser: Browser
  /** A page whose waits are shorter than a test may take, so that what was waited for is named. */
  open(options?: { width?: number; dark?: boolean }): Promise<Page>
}

/**
 * Set up before the tests of a file, and cleared away after them; `needed`: whether any of them runs; `variables`: of the
 * server's environment, from what was set up before.
 */
export function stage(needed = true, variables: () => Record<string, string> = () => ({})): Stage {
  const set = {
    async open(options = {}) {
      const page = await newPage(set.browser, { ...options, baseURL: set.plumbline.url })
      page.setDefaultTimeout(15_000)
      return page
    },
  } as Stage
  beforeAll(async () => {
    if (needed) [set.plumbline, set.browser] = await Promise.all([startPlumbline(variables()), openBrowser()])
  }, 180_000)
  afterAll(async () => {
    await set.browser?.close()
    await set.plumbline?.close()
  })
  return set
}

/** The product's own screens over a judged project: the browser side as built from these sources, behind a real server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getRequestListener } from '@hono/node-server'
import { build } from 'vite'
import type { Platform } from '../src/platform/context.ts'
import { mountWeb } from '../src/platform/http/web.ts'
import { type Browser, newPage, openBrowser, type Page } from './browser.ts'
import { testHttp } from './http.ts'
import { type JudgedProject, judgedProject } from './judged.ts'
import { addMember, type TestPerson, type TestProject } from './project.ts'

interface How {
  /** Who looks; the lead where nothing is said. */
  as?: TestPerson
  /** What to wait for; any heading of the page where nothing is said. */
  heading?: string
  width?: number
  dark?: boolean
}

export interface ServedScreens<T extends TestProject = JudgedProject> {
  at: T
  browser: Browser
  lead: TestPerson
  /** Its jobs do nothing until a test says who does them. */
  platform: Platform
  /** A page of the project, or `/` and any other, in a context of its own, signed in by an API key. */
  open(path: string, how?: How): Promise<Page>
  close(): Promise<void>
}

export const servedScreens = ({ tasks = 80 } = {}): Promise<ServedScreens> =>
  screensOver(() => judgedProject({ tasks }))

/** `npm test` has built them already; a test that is run alone builds what its sources say now. */
async function builtScreens(): Promise<{ folder: string; forget(): void }> {
  const { PLUMBLINE_WEB } = process.env
  if (PLUMBLINE_WEB) return { folder: PLUMBLINE_WEB, forget() {} }
  const outDir = mkdtempSync(joinPath(tmpdir(), 'plumbline-screens-'))
  const configFile = fileURLToPath(new URL('../vite.config.ts', import.meta.url))
  await build({ configFile, logLevel: 'error', build: { outDir, emptyOutDir: true } })
  return { folder: outDir, forget: () => rmSync(outDir, { recursive: true, force: true }) }
}

/** The same over any project. */
export async function screensOver<T extends TestProject>(project: () => Promise<T>): Promise<ServedScreens<T>> {
  const [at, browser, web] = await Promise.all([project(), openBrowser(), builtScreens()])
  const lead = await addMember(at, 'Ada', 'lead')
  const { app, platform, models } = await testHttp(at)
  mountWeb(app, web.folder)
  const server = createServer(getRequestListener(app.fetch)).listen(0, '127.0.0.1')
  await new Promise((ready) => server.once('listening', ready))
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    at,
    browser,
    lead,
    platform,
    async open(path, { as = lead, heading, ...how } = {}) {
      const page = await newPage(browser, { ...how, baseURL })
      await page.context().setExtraHTTPHeaders({ authorization: `Bearer ${as.key}` })
      await page.goto(path.startsWith('/') ? path : `/projects/${at.project}/${path}`)
      await page.getByRole('heading', { level: 1, name: heading }).first().waitFor()
      return page
    },
    async close() {
      await browser.close()
      server.close()
      await models.close()
      web.forget()
      await at.database.close()
    },
  }
}

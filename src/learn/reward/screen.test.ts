import { afterAll, beforeAll, expect, it } from 'vitest'
import { axe, faultsOf } from '../../../test/browser.ts'
import type { JudgedProject } from '../../../test/judged.ts'
import { looksRight } from '../../../test/looks.ts'
import { type ServedScreens, servedScreens } from '../../../test/screens.ts'
import { catchUp } from '../../platform/events.ts'
import { rewardFollower } from './store.ts'

let at: JudgedProject
let open: ServedScreens['open']
let close: (() => Promise<void>) | undefined

beforeAll(async () => {
  ;({ at, open, close } = await servedScreens())
})
afterAll(() => close?.())

it('stands empty until something is learned, then moves by itself as answers are learned', async () => {
  const page = await open('reward')
  await page.getByText('Nothing learned yet').waitFor()
  await catchUp(at.db, [rewardFollower])
  await page.getByRole('rowheader', { name: 'The reward' }).waitFor()
  await page.getByRole('row', { name: /The longer one wins.*0\.\d{3}/ }).waitFor()
  await page.getByText(/Learned up to lesson \d+, just now/).waitFor()
  expect(faultsOf(page)).toEqual([])
  await page.context().close()
})

it('says which of two is better and which words say so; breaks no rule, wide and narrow, light and dark', async () => {
  await catchUp(at.db, [rewardFollower])
  const page = await open('reward')
  await page
    .getByLabel('Response', { exact: true })
    .fill('I am sorry. A new one leaves today, and you need not send it back.')
  await page.getByLabel('Another response, if you like').fill('No. Please look at our website.')
  await page.getByRole('button', { name: 'Which is better?' }).click()
  await page.getByText(/It would put the first above, with \d+% \[\d+, \d+\]/).waitFor()
  expect(await page.locator('span[title^="+"]').count()).toBeGreaterThan(2)
  expect(await page.locator('span[title^="-"]').count()).toBeGreaterThan(0)
  await looksRight(page, 'reward')
  await page.context().close()
})

it('keeps what it shows where that cannot be read anew, says so, and tries again when asked', async () => {
  await catchUp(at.db, [rewardFollower])
  const page = await open('reward')
  const shown = page.getByRole('rowheader', { name: 'The reward' })
  await shown.waitFor()
  const asked = /\/api\/.*\/reward$/
  await page.route(asked, (route) => route.fulfill({ status: 500, json: { code: 'internal', message: 'It broke.' } }))
  const old = page.getByRole('status').filter({ hasText: 'could not be read anew and may be old: It broke.' })
  await old.waitFor()
  expect(await shown.isVisible()).toBe(true)
  expect(await axe(page)).toEqual([])
  await old.getByRole('button', { name: 'Try again' }).click()
  await page.unroute(asked)
  await old.waitFor({ state: 'detached' })
  await page.context().close()
})

it('leads from a disagreement to its task', async () => {
  await catchUp(at.db, [rewardFollower])
  const page = await open('reward')
  await page.getByRole('region', { name: 'Disagreements' }).getByRole('link').first().click()
  await page.getByRole('dialog', { name: 'Task' }).waitFor()
  expect(new URL(page.url()).pathname).toMatch(/\/tasks$/)
  await page.context().close()
})

/** Signing in through the organisation's identity provider, by the button that people press. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axe, faultsOf, type Page } from '../test/browser.ts'
import { type IdentityProvider, identityProvider } from '../test/identity-provider.ts'
import { fill } from './keyboard.ts'
import { stage } from './stage.ts'

let provider: IdentityProvider
beforeAll(async () => {
  provider = await identityProvider()
})
afterAll(() => provider.close())

const set = stage(true, () => ({
  PLUMBLINE_OIDC_ISSUER: provider.issuer,
  PLUMBLINE_OIDC_CLIENT_ID: 'plumbline',
  PLUMBLINE_OIDC_CLIENT_SECRET: 'secret',
  PLUMBLINE_OIDC_NAME: 'Team login',
}))
let page: Page

/** Presses the button, agrees at the provider, and is sent back. */
async function throughProvider(): Promise<void> {
  await page.getByRole('button', { name: 'Continue with Team login' }).click()
  await page.waitForURL(`${provider.issuer}/**`)
  await page.getByRole('link', { name: /^Continue as/ }).click()
  await page.waitForURL(`${set.plumbline.url}/**`)
}

it('lets somebody in who is known here, to the page that they wanted', async () => {
  page = await set.open()
  await page.goto(set.plumbline.setupLink)
  await page.getByRole('heading', { name: 'Set up Plumbline' }).waitFor()
  await fill(page, 'Olga Owner', 'olga@example.org', 'correct horse battery')
  await page.getByRole('heading', { name: 'Projects' }).waitFor()
  await page.context().clearCookies()
  await page.goto('/account')
  await page.getByRole('button', { name: 'Continue with Team login' }).waitFor()
  for (const width of [400, 1280]) {
    await page.setViewportSize({ width, height: 800 })
    expect(await axe(page)).toEqual([])
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/single-sign-on-${width}.png` })
  }
  provider.claims = { sub: 's-olga', email: 'olga@example.org', email_verified: true, name: 'Olga' }
  await throughProvider()
  await page.getByRole('heading', { name: 'Account', exact: true }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/account')
})

it('says to somebody unknown what is missing, where they can try again', async () => {
  await page.context().clearCookies()
  await page.goto('/sign-in')
  provider.claims = { sub: 's-stranger', email: 'stranger@example.org', email_verified: true, name: 'S' }
  await throughProvider()
  await page.getByText('but you have no account here').waitFor()
  await page.getByText('Ask the person who runs your project for an invitation').waitFor()
  await page.getByRole('button', { name: 'Continue with Team login' }).waitFor()
  // Asked who it is before anybody has signed in, the server says 401.
  expect(faultsOf(page).filter((fault) => !/401/.test(fault))).toEqual([])
})

/** A second factor from its QR code to signing in with it, and with a recovery code, as people do it in a browser. */
import { createOTP } from '@better-auth/utils/otp'
import { expect, it } from 'vitest'
import { axe, faultsOf, type Page } from '../test/browser.ts'
import { fill } from './keyboard.ts'
import { stage } from './stage.ts'

const set = stage()
let page: Page
let secret: string
let recovery: string
const password = 'correct horse battery'

/** The bytes of a key in base32, as an authenticator app reads them. */
function bytesOf(base32: string): Buffer {
  const bits = [...base32].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  )
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}
const codeNow = () => createOTP(bytesOf(secret).toString()).totp()

/** Types into the six boxes of a code. */
async function type(code: string): Promise<void> {
  await page.locator('.mantine-PinInput-input').first().click()
  await page.keyboard.type(code)
}

async function signIn(): Promise<void> {
  await page.context().clearCookies()
  await page.goto('/sign-in')
  await page.getByLabel(/^E-mail/).fill('olga@example.org')
  await page
    .getByLabel(/^Password/)
    .and(page.locator('input'))
    .fill(password)
  await page.keyboard.press('Enter')
}

it('is switched on by scanning or typing a key, and confirmed with a first code', async () => {
  page = await set.open()
  await page.goto(set.plumbline.setupLink)
  await page.getByRole('heading', { name: 'Set up Plumbline' }).waitFor()
  await fill(page, 'Olga Owner', 'olga@example.org', password)
  await page.getByRole('heading', { name: 'Projects' }).waitFor()
  await page.goto('/account')
  await page.getByLabel('Your password, to change this').fill(password)
  await page.getByRole('button', { name: 'Switch it on' }).click()
  await page.getByRole('img', { name: 'The key as a QR code' }).waitFor()
  secret = (await page.locator('code').first().innerText()).replaceAll(' ', '')
  expect(await axe(page)).toEqual([])
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/second-factor.png`, fullPage: true })
  await type('000000')
  await page.getByRole('alert').filter({ hasText: /code/i }).waitFor()
  await type(await codeNow())
  await page.getByText('Keep these recovery codes').waitFor()
  recovery = (await page.locator('pre').innerText()).split('\n')[0]!.trim()
})

it('asks for the code at the next sign-in', async () => {
  await signIn()
  await page.getByText('Code of your authenticator app').waitFor()
  await type(await codeNow())
  await page.getByRole('heading', { name: 'Projects' }).waitFor()
})

it('takes a recovery code once', async () => {
  const withRecovery = async () => {
    await signIn()
    await page.getByRole('button', { name: 'Use a recovery code' }).click()
    await page.getByLabel('Recovery code').fill(recovery)
    await page.keyboard.press('Enter')
  }
  await withRecovery()
  await page.getByRole('heading', { name: 'Projects' }).waitFor()
  await withRecovery()
  await page.getByRole('alert').filter({ hasText: /code/i }).waitFor()
  expect(faultsOf(page).filter((fault) => !/40[01]|status of 4/.test(fault))).toEqual([])
})

/** How a screen must look: whole in a wide and in a narrow window, light and dark, without breaking a rule of accessibility. */
import { join } from 'node:path'
import { expect } from 'vitest'
import { axe, faultsOf, type Page } from './browser.ts'

/** Leaves the page 1280 wide. SHOTS=FOLDER keeps pictures, to be looked at. */
export async function looksRight(page: Page, name: string): Promise<void> {
  for (const width of [1280, 400])
    for (const dark of [false, true]) {
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' })
      await page.setViewportSize({ width, height: 800 })
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThan(1)
      if (process.env.SHOTS) {
        const path = join(process.env.SHOTS, `${name}-${width}-${dark ? 'dark' : 'light'}.png`)
        await page.screenshot({ path, fullPage: true })
      }
      // Colours take a moment to change when the scheme does.
      const what = `${name}, ${width} pixels, ${dark ? 'dark' : 'light'}`
      await expect.poll(() => axe(page), { timeout: 10_000, message: what }).toEqual([])
    }
  await page.setViewportSize({ width: 1280, height: 800 })
  expect(faultsOf(page)).toEqual([])
}

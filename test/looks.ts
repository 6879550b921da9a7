/** How a screen must look: whole in a wide and in a narrow window, light and dark, without breaking a rule of accessibility. */
import { join } from 'node:path'
import { expect } from 'vitest'
import { axe, faultsOf, type Page } from './browser.ts'

/** Each width and each scheme once: a scheme moves nothing, and colours are those of the wide window in the narrow one. */
const tested = [
  { width: 1280, dark: false },
  { width: 400, dark: true },
]
/** For somebody's eyes. */
const pictured = [...tested, { width: 1280, dark: true }, { width: 400, dark: false }]

/** Colours fade; half way they have no contrast. What turns for ever is left to turn: nobody would see its end. */
function endAnimations(): void {
  for (const animation of document.getAnimations())
    if (animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY) animation.finish()
}

/** Leaves the page 1280 wide. SHOTS=FOLDER keeps pictures, to be looked at. */
export async function looksRight(page: Page, name: string): Promise<void> {
  for (const { width, dark } of process.env.SHOTS ? pictured : tested) {
    const colorScheme = dark ? 'dark' : 'light'
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor()
    await page.setViewportSize({ width, height: 800 })
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThan(1)
    if (process.env.SHOTS) {
      const path = join(process.env.SHOTS, `${name}-${width}-${colorScheme}.png`)
      await page.screenshot({ path, fullPage: true })
    }
    await page.evaluate(endAnimations)
    const what = `${name}, ${width} pixels, ${colorScheme}`
    await expect.poll(() => axe(page), { timeout: 10_000, message: what }).toEqual([])
  }
  await page.setViewportSize({ width: 1280, height: 800 })
  expect(faultsOf(page)).toEqual([])
}

/** A person who has only a keyboard. */
import type { Page } from '../test/browser.ts'

/** Presses Tab until the focus is on what is called so; fails where no Tab leads there. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let press = 0; press < 60; press++) {
    await page.keyboard.press('Tab')
    const here = await page.evaluate(() => {
      const focused = document.activeElement as HTMLInputElement | null
      return focused?.getAttribute('aria-label') ?? focused?.labels?.[0]?.textContent ?? focused?.textContent ?? ''
    })
    if (name.test(here)) return
  }
  throw new Error(`No Tab leads to ${name}.`)
}

/** Fills fields from the one that has the focus on, and sends the form. */
export async function fill(page: Page, ...texts: string[]): Promise<void> {
  for (const [place, text] of texts.entries()) {
    if (place) await page.keyboard.press('Tab')
    await page.keyboard.type(text)
  }
  await page.keyboard.press('Enter')
}

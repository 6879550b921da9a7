/**
 * Model and user text to elements, loaded only when a text is first rendered. The order is what makes it safe: raw HTML
 * becomes visible text, then everything is reduced to an allow-list, and only then do KaTeX and the highlighter, whose
 * output is our own, add their classes.
 */
import { type ComponentProps, use, useId } from 'react'
import Markdown, { type Components, defaultUrlTransform, type Options } from 'react-markdown'
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize'
import remarkGfm from 'remark-gfm'
import remarkMath from 'remark-math'
import classes from './markdown.module.css'
import { dollarsOf } from './math-source.ts'

type Plugins = NonNullable<Options['rehypePlugins']>

/** The part of a syntax tree that we look at. */
interface Node {
  type: string
  value?: string
  children?: Node[]
}

/** Deeper than any text that people write; browsers get slow and recursive renderers overflow far beyond it. */
const deepest = 60

const rawAsText = () => (tree: Node) => {
  const visit = (node: Node) => {
    if (node.type === 'raw') node.type = 'text'
    for (const child of node.children ?? []) visit(child)
  }
  visit(tree)
}

const refuseDepth = () => (tree: Node) => {
  const depth = (node: Node, at: number) => {
    if (at > deepest) throw new Error(`The text nests more than ${deepest} levels deep.`)
    for (const child of node.children ?? []) depth(child, at + 1)
  }
  depth(tree, 0)
}

const schema: typeof defaultSchema = {
  ...defaultSchema,
  // Raw HTML never reaches this point, so that every id is a footnote's, which already carries a prefix of its own.
  clobber: [],
  attributes: {
    ...defaultSchema.attributes,
    code: [['className', /^language-./, 'math-inline', 'math-display']],
  },
}

const katexOptions = {
  trust: false,
  strict: 'ignore',
  maxSize: 10,
  maxExpand: 200,
  throwOnError: false,
  errorColor: 'var(--bad)',
} as const

let katex: Promise<Plugins[number]> | undefined
const loadKatex = () =>
  (katex ??= Promise.all([import('rehype-katex'), import('katex/dist/katex.min.css')]).then(
    ([{ default: plugin }]): Plugins[number] => [plugin, katexOptions],
  ))

let highlight: Promise<Plugins[number]> | undefined
const loadHighlight = () =>
  (highlight ??= import('rehype-highlight').then(({ default: plugin }): Plugins[number] => [plugin, { detect: false }]))

/** What a text needs beside the pipeline itself: both are large and most texts have neither. */
const needs = (text: string): { math: boolean; code: boolean } => ({
  math: text.includes('$'),
  code: /(?:```|~~~)[ \t]*\w/.test(text),
})

export async function extrasFor(text: string): Promise<Plugins> {
  const { math, code } = needs(dollarsOf(text))
  return Promise.all([...(math ? [loadKatex()] : []), ...(code ? [loadHighlight()] : [])])
}

function hostOf(href: string): { kind: 'web' | 'mail'; host: string } | undefined {
  try {
    const url = new URL(href)
    if (url.protocol === 'http:' || url.protocol === 'https:') return { kind: 'web', host: url.host }
    if (url.protocol === 'mailto:') return { kind: 'mail', host: decodeURIComponent(url.pathname) }
  } catch {
    // A relative or broken address.
  }
  return undefined
}

/** A link says where it leads. Addresses inside our own site are shown, not linked: a model's text is no part of it. */
function Link({ href, id, children, ...rest }: ComponentProps<'a'>) {
  const footnote = 'data-footnote-ref' in rest || 'data-footnote-backref' in rest
  if (footnote && href?.startsWith('#'))
    return (
      <a href={href} id={id} aria-label={rest['aria-label']}>
        {children}
      </a>
    )
  const target = href ? hostOf(href) : undefined
  if (!target)
    return (
      <span>
        {children}
        {href && <bdi className={classes.host}> ({href})</bdi>}
      </span>
    )
  return (
    <>
      <a href={href} target="_blank" rel="noopener noreferrer nofollow ugc">
        {children}
      </a>
      {children !== href && <bdi className={classes.host}> ({target.host})</bdi>}
    </>
  )
}

/** No picture is fetched: its address could tell others who reads what, or change something on a server of ours. */
function ImageNote({ src, alt }: ComponentProps<'img'>) {
  const target = typeof src === 'string' && src ? hostOf(src) : undefined
  return (
    <span className={classes.image}>
      Picture not loaded{alt ? `: ${alt}` : ''}
      {target && (
        <>
          {' '}
          (
          <a href={src} target="_blank" rel="noopener noreferrer nofollow ugc">
            {target.host}
          </a>
          )
        </>
      )}
    </span>
  )
}

/** Whoever has no mouse scrolls a wide table by the arrow keys, once it has the focus. */
const takesKeyboard = { tabIndex: 0 }

const components: Components = {
  a: Link,
  img: ImageNote,
  // The page has its own headings; those of a text stand below them, without the id that every footnote list shares.
  h1: ({ children }) => <h3>{children}</h3>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h5>{children}</h5>,
  h4: ({ children }) => <h6>{children}</h6>,
  h5: ({ children }) => <h6>{children}</h6>,
  table: ({ children }) => (
    <section className={classes.table} aria-label="Table" {...takesKeyboard}>
      <table>{children}</table>
    </section>
  ),
  input: ({ checked }) => (
    <span role="img" aria-label={checked ? 'done' : 'not done'}>
      {checked ? '☑' : '☐'}
    </span>
  ),
}

/** The whole pipeline at once, with the extras already there: what tests render, and what `Rendered` ends in. */
export function Tree({ text, extras }: { text: string; extras: Plugins }) {
  const prefix = `${useId()}-`
  return (
    <Markdown
      remarkPlugins={[[remarkGfm, { singleTilde: false }], remarkMath]}
      remarkRehypeOptions={{ clobberPrefix: prefix }}
      rehypePlugins={[rawAsText, [rehypeSanitize, schema], refuseDepth, ...extras]}
      urlTransform={defaultUrlTransform}
      components={components}
    >
      {dollarsOf(text)}
    </Markdown>
  )
}

// `use` needs the same promise at each attempt to render.
const waiting = new Map<string, Promise<Plugins>>()
function extrasOnce(text: string): Promise<Plugins> {
  const { math, code } = needs(dollarsOf(text))
  const key = `${math} ${code}`
  let promise = waiting.get(key)
  if (!promise) waiting.set(key, (promise = extrasFor(text)))
  promise.catch(() => waiting.delete(key))
  return promise
}

export default function Rendered({ text }: { text: string }) {
  return <Tree text={text} extras={use(extrasOnce(text))} />
}

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../../test/command.ts'
import { statsCommands } from './cli.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = join(root, 'docs', 'statistics')
const pages = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md')

interface Block {
  kind: string
  name: string
  text: string
}

/** The fenced blocks of a page, in order: what the fence says (`csv labels.csv`) and what stands between. */
const blocksOf = (page: string): Block[] =>
  [...page.matchAll(/^```(\S+)[ \t]*(\S*)\n([\s\S]*?)^```$/gm)].map(([, kind, name, text]) => ({
    kind: kind!,
    name: name!,
    text: text!,
  }))

/** Prints of the commands in a console block, run in this process on the files of the page. */
async function consoleOutput(block: string, files: string): Promise<string> {
  let out = ''
  for (const line of block.split('\n').filter((own) => own.startsWith('$ '))) {
    out += `${line}\n`
    const words = line.replace('$ ./plumbline ', '').split(' ')
    const args = words.map((word) => (existsSync(join(files, word)) ? join(files, word) : word))
    out += (await runCommand(statsCommands, ...args)).out
  }
  return out
}

/** What the code of a js block returns; its imports are of files of this repository. */
async function returned(code: string): Promise<unknown> {
  const names: string[] = []
  const values: unknown[] = []
  for (const [, list, path] of code.matchAll(/^import \{ (.*) \} from '(src\/stats\/.*\.ts)'$/gm)) {
    const found: Record<string, unknown> = await import(join(root, path!))
    for (const name of list!.split(', ')) {
      names.push(name)
      values.push(found[name])
    }
  }
  const body = code.replace(/^import .*$/gm, '')
  return new Function(...names, body)(...values)
}

/** Numbers to the four decimals that the pages print. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toFixed(4))
  if (Array.isArray(value)) return value.map(rounded)
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, rounded(own)]))
  return value
}

describe('the pages of docs/statistics', () => {
  it.each(pages)('%s: its example gives what the page says', async (name) => {
    const blocks = blocksOf(readFileSync(join(folder, name), 'utf8'))
    const files = mkdtempSync(join(tmpdir(), 'stats-docs-'))
    try {
      let examples = 0
      for (const [at, { kind, name: file, text }] of blocks.entries()) {
        if (kind === 'csv') writeFileSync(join(files, file), text)
        if (kind === 'console') {
          examples++
          expect(await consoleOutput(text, files)).toBe(text)
        }
        if (kind === 'js') {
          examples++
          expect(rounded(await returned(text))).toEqual(JSON.parse(blocks[at + 1]!.text))
        }
      }
      expect(examples).toBeGreaterThan(0)
    } finally {
      rmSync(files, { recursive: true })
    }
  })

  it('that show a command are in a row of README.md that names it', () => {
    const rows = readFileSync(join(folder, 'README.md'), 'utf8').split('\n')
    for (const name of pages) {
      const row = rows.find((line) => line.includes(`(${name})`))
      for (const [, command] of readFileSync(join(folder, name), 'utf8').matchAll(/plumbline stats ([a-z]+)/g))
        expect(row, name).toContain(`\`${command}\``)
    }
  })

  it('are all in the table of README.md, with every section', () => {
    const table = readFileSync(join(folder, 'README.md'), 'utf8')
    for (const name of pages) expect(table, name).toContain(`(${name})`)
    for (const name of pages.filter((own) => /^(agreement|bias|evaluation)-/.test(own))) {
      const page = readFileSync(join(folder, name), 'utf8')
      for (const section of ['**Use ', '**Do not use ', '**Formula.**', '**Example.**', '**Published figure.**'])
        expect(page, `${name}: ${section}`).toContain(section)
    }
  })
})

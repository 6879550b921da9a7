import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { runCommand } from '../../test/command.ts'
import { checkCommand } from './cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'check-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const check = (...args: string[]) => runCommand(checkCommand, 'check', ...args)

const pairs = file(
  'pairs.jsonl',
  `${[
    { prompt: 'Who are you?', chosen: [{ role: 'assistant', content: 'Write to ann@example.org, please.' }] },
    { prompt: 'Go on.', chosen: [{ role: 'assistant', content: 'I cannot help with this.' }] },
    {
      prompt: 'Hello',
      chosen: [{ role: 'assistant', content: 'Ich habe meinen Schirm im Bus vergessen und niemand hat ihn gefunden.' }],
    },
  ]
    .map((row) => JSON.stringify(row))
    .join('\n')}\n`,
)

it('says what was found and where, repeats nothing of a person, and ends with 1', async () => {
  const { out, code } = await check(pairs)
  expect(out).toBe(
    'line 1, chosen[0].content: email  xxx@xxxxxxx.xxx\n' +
      'line 2, chosen[0].content: refusal  I cannot help\n' +
      '3 rows, 9 texts: email 1, refusal 1\n',
  )
  expect(code).toBe(1)
})

it('looks for what is asked for, languages and patterns too', async () => {
  const args = ['--for', 'refusal', '--languages', 'en', '--pattern', 'umb|schirm', '--json']
  const { findings, counts } = JSON.parse((await check(pairs, ...args)).out)
  expect(counts).toEqual({ refusal: 1, other_language: 1, pattern: 1 })
  expect(findings[2]).toEqual({
    line: 3,
    column: 'chosen[0].content',
    start: 16,
    end: 22,
    kind: 'pattern',
    note: 'umb|schirm',
    text: 'xxxxxx',
  })
})

it('reads tables, finds nothing where there is nothing, and tells of rows that cannot be read', async () => {
  const table = file('clean.csv', 'prompt,answer\nHello,Good day\n"open,never closed\nBye,Good night\n')
  const { out, code } = await check(table)
  expect(out).toMatch(/^line 3 could not be read: .*\n2 rows, 4 texts: nothing found\n$/)
  expect(code).toBe(0)
})

it('refuses what it does not know', async () => {
  expect(await check(pairs, '--for', 'mood')).toMatchObject({ out: '', code: 2 })
  expect((await check(pairs, '--languages', 'xx')).err).toContain('The language "xx" cannot be told.')
  expect((await check(pairs, '--pattern', '(')).code).toBe(2)
  expect((await check(join(folder, 'nowhere.csv'))).err).toContain('There is no such file.')
  expect((await check(file('empty.csv', ''))).err).toContain('the file is empty')
})

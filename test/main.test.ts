/** The program itself, as a shell sees it. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const main = fileURLToPath(new URL('../dist/server/main.js', import.meta.url))
const run = (...args: string[]) => spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' })

describe.skipIf(!existsSync(main))('./plumbline (SKIPPED where nothing is built)', () => {
  it.each([
    ['an option that does not exist', ['audit', 'verify', '--dta', 'x'], /unknown option '--dta'/],
    ['an option that is missing', ['evaluate', 'gates'], /required option '--project/],
    [
      'a word that is not offered',
      ['import', 'f', '--project', 'p', '--format', 'hh', '--as', 'task'],
      /choices are tasks/,
    ],
    ['a command that does not exist', ['servee'], /unknown command 'servee'/],
  ])('ends with 2 after %s: 1 would be an answer that is no', (_, args, said) => {
    const { status, stdout, stderr } = run(...args)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(said)
  })

  it('ends with 0 after its help', () => {
    const { status, stdout } = run('--help')
    expect(status).toBe(0)
    expect(stdout).toMatch(/serve/)
  })
})

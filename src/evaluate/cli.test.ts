import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { runCommand } from '../../test/command.ts'
import { type Duel, duel } from '../../test/duel.ts'
import { evaluateCommands } from './cli.ts'

let at: Duel
beforeAll(async () => {
  at = await duel(({ model, messages }) => {
    const n = Number(/\d+/.exec(messages.at(-1)!.content)![0])
    return model === 'candidate' ? `It is ${n + 1}, I think.` : `Is it ${n + 1}, or not?`
  })
})
afterAll(() => at.close())
afterEach(() => void vi.unstubAllEnvs())

/** Runs a command in this process, on the database of the test. */
function plumbline(...args: string[]) {
  vi.stubEnv('DATABASE_URL', at.database.connection.connectionString)
  return runCommand(evaluateCommands, 'evaluate', ...args, '--project', at.project)
}

describe('evaluate', () => {
  it('runs, shows and holds to gates; says with its exit code whether they pass', async () => {
    expect(await plumbline('show')).toMatchObject({ code: 2, err: /No two policies/ })
    const begun = await plumbline(
      'run',
      '--candidate',
      'candidate',
      '--baseline',
      'baseline',
      '--tag',
      'held-out',
      '--overlap',
      '2',
      '--json',
    )
    expect(begun).toMatchObject({ code: 0, err: '' })
    const { id } = JSON.parse(begun.out) as { id: string }
    await at.settle()
    await at.answer((first) => ({ strength: first.includes('think') ? -1 : 1 }))
    await at.settle()
    expect(JSON.parse((await plumbline('show', '--json')).out)).toMatchObject({
      id,
      state: 'done',
      human: { wins: 40 },
    })
    expect((await plumbline('show', '--of', id)).out).toContain('people, %   100.00')
    const passed = await plumbline('gates', '--json')
    expect(passed.code).toBe(0)
    expect(JSON.parse(passed.out)).toMatchObject({ headToHead: id, decision: 'pass', policy: { name: 'candidate' } })

    await plumbline('run', '--candidate', 'baseline', '--baseline', at.candidate)
    const open = await plumbline('gates')
    expect([open.code, open.out]).toEqual([1, expect.stringContaining('baseline: unknown')])
  })

  it('refuses what is not there, by name', async () => {
    const run = (...more: string[]) => plumbline('run', '--candidate', 'candidate', '--baseline', 'baseline', ...more)
    expect(await plumbline('run', '--candidate', 'nobody', '--baseline', 'baseline')).toMatchObject({
      code: 2,
      err: /no policy "nobody"/,
    })
    expect(await run('--reward', 'none')).toMatchObject({ code: 2, err: /no reward model "none"/ })
    expect(await run('--held-out', 'none')).toMatchObject({ code: 2, err: /no such dataset/ })
    expect(await plumbline('show', '--of', 'x')).toMatchObject({ code: 2, err: /no id/ })
  })
})

/** Runs commands of ours in this process, and hears what a terminal would. */
import { Command, CommanderError } from 'commander'
import { vi } from 'vitest'

interface Printed {
  out: string
  err: string
  /** The exit code that the process would end with. */
  code: number
}

/** `register` adds the commands; `args` are the words after `./plumbline`. */
export async function runCommand(register: (program: Command) => unknown, ...args: string[]): Promise<Printed> {
  const printed = { out: '', err: '' }
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((printed.out += text))),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((printed.err += text))),
  ]
  const before = process.exitCode
  try {
    process.exitCode = undefined
    const program = new Command('plumbline').exitOverride()
    register(program)
    await program.parseAsync(args, { from: 'user' })
    return { ...printed, code: Number(process.exitCode ?? 0) }
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return { ...printed, code: error.exitCode }
  } finally {
    process.exitCode = before
    for (const spy of spies) spy.mockRestore()
  }
}

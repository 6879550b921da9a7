/** How every command of `./plumbline` prints, fails and exits. Results go to stdout, everything else to stderr. */
import { type Command, InvalidArgumentError } from 'commander'
import { isProblem, type Problem, toProblem } from './errors.ts'

/** Exit codes, documented in `docs/cli.md`. */
export const exitCode = { ok: 0, negative: 1, badInput: 2, unavailable: 3, internal: 70 } as const

export const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Prints the result: one JSON document with `--json`, otherwise what `text` makes of it. */
export function print<T>(result: T, json: boolean | undefined, text: (result: T) => string): void {
  process.stdout.write(`${json ? JSON.stringify(result) : text(result)}\n`)
}

function exitCodeOf({ code }: Problem): number {
  if (code === 'internal') return exitCode.internal
  return code === 'unavailable' ? exitCode.unavailable : exitCode.badInput
}

/** Prints a failure in the one form (never a stack trace) and leaves the exit code behind. */
export function report(error: unknown): void {
  const systemCode =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const isFileFault = !isProblem(error) && systemCode !== undefined && /^E[A-Z]+$/.test(systemCode)
  const problem: Problem = isFileFault ? { code: 'bad_input', message: (error as Error).message } : toProblem(error)
  say(`plumbline: ${problem.message}`)
  if (problem.where) say(`  where: ${problem.where}`)
  if (problem.code === 'internal') {
    say(`  what: ${error instanceof Error ? error.message : String(error)}`)
    say('  hint: this is a fault of Plumbline; PLUMBLINE_DEBUG=1 prints its stack trace')
    if (process.env.PLUMBLINE_DEBUG && error instanceof Error) say(String(error.stack))
  } else if (problem.hint) say(`  hint: ${problem.hint}`)
  process.exitCode = exitCodeOf(problem)
}

/** Wraps the action of a command: whatever it throws is reported in the one form. */
export function action<A extends unknown[]>(run: (...args: A) => Promise<void> | void): (...args: A) => Promise<void> {
  return async (...args) => {
    try {
      await run(...args)
    } catch (error) {
      report(error)
    }
  }
}

/** Makes readers of options that are numbers. */
const reader =
  (what: string, fits: (value: number) => boolean) =>
  (least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() !== '' && fits(value) && value >= least && value <= most) return value
    const range = most < Number.POSITIVE_INFINITY ? ` from ${least} to ${most}` : ` of ${least} or more`
    throw new InvalidArgumentError(`It is ${what}${least > Number.NEGATIVE_INFINITY ? range : ''}.`)
  }

/** `.option('--port <n>', 'the port', whole(0, 65_535), 7700)` */
export const whole = reader('a whole number', Number.isSafeInteger)
/** `.option('--temperature <t>', 'of the draws', decimal(0, 100))` */
export const decimal = reader('a number', Number.isFinite)

/** Adds an example to a command's `--help`. */
export const example = (command: Command, ...lines: string[]): Command =>
  command.addHelpText('after', `\nExample:\n${lines.map((line) => `  $ ./plumbline ${line}`).join('\n')}\n`)

/**
 * Patterns that users give, matched in time linear in the text whatever the pattern: JavaScript's own engine would need
 * years for `(a+)+$` on forty letters. All ways through the pattern are followed at once (Thompson 1968,
 * doi:10.1145/363347.363387), each state keeping the earliest start that leads to it.
 *
 * Case is ignored. A finding is as long as it can be; findings that overlap are one.
 */
import { CheckError } from './errors.ts'
import type { Checker, Finding } from './finding.ts'
import { type Node, parsePattern } from './pattern-syntax.ts'

type Step =
  | { type: 'character'; test: (character: string) => boolean }
  | { type: 'assertion'; holds: (before: string | undefined, after: string | undefined) => boolean }
  /** Goes on at every one of these steps. */
  | { type: 'fork'; to: number[] }
  | { type: 'accept' }

/** Bounds the work for each character of the text. */
const mostSteps = 5000

/** The tree as a program: a step goes on to the next one, a fork to others. */
function compile(node: Node, program: Step[]): void {
  if (program.length > mostSteps)
    throw new CheckError('bad_pattern', 'The pattern repeats too much inside what it repeats.')
  switch (node.type) {
    case 'character':
    case 'assertion':
      program.push(node)
      return
    case 'sequence':
      for (const part of node.parts) compile(part, program)
      return
    case 'choice': {
      const fork = { type: 'fork' as const, to: [] as number[] }
      const ends: { type: 'fork'; to: number[] }[] = []
      program.push(fork)
      for (const option of node.options) {
        fork.to.push(program.length)
        compile(option, program)
        const end = { type: 'fork' as const, to: [] as number[] }
        program.push(end)
        ends.push(end)
      }
      for (const end of ends) end.to.push(program.length)
      return
    }
    case 'repeat':
      repeat(node, program)
  }
}

function repeat({ part, least, most }: Extract<Node, { type: 'repeat' }>, program: Step[]): void {
  for (let i = 0; i < least; i++) compile(part, program)
  if (most === undefined) {
    const loop = program.length
    const fork = { type: 'fork' as const, to: [loop + 1] }
    program.push(fork)
    compile(part, program)
    program.push({ type: 'fork', to: [loop] })
    fork.to.push(program.length)
    return
  }
  const forks = []
  for (let i = least; i < most; i++) {
    const fork = { type: 'fork' as const, to: [program.length + 1] }
    program.push(fork)
    forks.push(fork)
    compile(part, program)
  }
  for (const fork of forks) fork.to.push(program.length)
}

/** Every place where the pattern matches at least one character. */
function search(program: Step[], text: string): Finding[] {
  const findings: Finding[] = []
  /** Per step the earliest start that leads there, -1 where none does; and the steps reached, in order. */
  let starts = new Int32Array(program.length).fill(-1)
  let reached: number[] = []
  let nextStarts = new Int32Array(program.length).fill(-1)
  let next: number[] = []
  let before: string | undefined

  /** Follows forks and assertions from a step, without recursion. */
  const follow = (from: number, start: number, at: number, after: string | undefined) => {
    const open = [from]
    for (let step = open.pop(); step !== undefined; step = open.pop()) {
      const known = nextStarts[step]!
      if (known >= 0 && known <= start) continue
      if (known < 0) next.push(step)
      nextStarts[step] = start
      const { type } = program[step]!
      if (type === 'fork') open.push(...(program[step] as { to: number[] }).to)
      else if (type === 'assertion') {
        if ((program[step] as Extract<Step, { type: 'assertion' }>).holds(before, after)) open.push(step + 1)
      } else if (type === 'accept' && at > start) record(findings, start, at)
    }
  }

  let at = 0
  for (const character of text) {
    // The oldest start goes first, so that no step is followed again for a later one.
    for (const { from, start } of arrivals(program, reached, starts, before)) follow(from, start, at, character)
    follow(0, at, at, character)
    ;[starts, nextStarts] = [nextStarts, starts]
    ;[reached, next] = [next, reached]
    for (const step of next) nextStarts[step] = -1
    next.length = 0
    before = character
    at += character.length
  }
  for (const { from, start } of arrivals(program, reached, starts, before)) follow(from, start, at, undefined)
  return findings
}

/** Where the character just read leads to from the steps reached before it, by age. */
function arrivals(program: Step[], reached: number[], starts: Int32Array, character: string | undefined) {
  const arrived: { from: number; start: number }[] = []
  if (character === undefined) return arrived
  for (const step of reached) {
    const current = program[step]!
    if (current.type === 'character' && current.test(character)) arrived.push({ from: step + 1, start: starts[step]! })
  }
  return arrived.sort((a, b) => a.start - b.start)
}

function record(findings: Finding[], start: number, end: number): void {
  let from = start
  for (let last = findings.at(-1); last && last.end > from; last = findings.at(-1)) {
    from = Math.min(from, last.start)
    findings.pop()
  }
  findings.push({ kind: 'pattern', start: from, end })
}

/** A checker for a user's pattern, or `bad_pattern` with what is wrong and where. */
export function patternChecker(name: string, pattern: string): Checker {
  const program: Step[] = []
  compile(parsePattern(pattern), program)
  program.push({ type: 'accept' })
  return { name, title: pattern, check: (text) => search(program, text).map((finding) => ({ ...finding, note: name })) }
}

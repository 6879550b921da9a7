/**
 * Reads a regular expression into a tree. The syntax is JavaScript's, less what cannot be matched in linear time (back
 * references, look-around); lazy quantifiers are read as greedy ones, which changes no finding (see pattern.ts).
 */
import { CheckError } from './errors.ts'

export type Node =
  | { type: 'character'; test: (character: string) => boolean }
  | { type: 'assertion'; holds: (before: string | undefined, after: string | undefined) => boolean }
  | { type: 'sequence'; parts: Node[] }
  | { type: 'choice'; options: Node[] }
  /** `most` undefined: without end. */
  | { type: 'repeat'; part: Node; least: number; most: number | undefined }

const longest = 1000
const mostRepeats = 1000

const isWord = (character: string | undefined): boolean => character !== undefined && /^\w$/.test(character)

/** Throws `bad_pattern` with the place, from 1, and the reason. */
export function parsePattern(source: string): Node {
  if (source.length > longest) throw new CheckError('bad_pattern', `The pattern is longer than ${longest} characters.`)
  if (source === '') throw new CheckError('bad_pattern', 'The pattern is empty.')
  const characters = Array.from(source)
  let at = 0

  function refuse(reason: string, place = at): never {
    throw new CheckError('bad_pattern', `The pattern ${reason} at character ${place + 1}.`, { where: source })
  }

  function choice(): Node {
    const options = [sequence()]
    while (characters[at] === '|') {
      at += 1
      options.push(sequence())
    }
    return options.length === 1 ? options[0]! : { type: 'choice', options }
  }

  function sequence(): Node {
    const parts: Node[] = []
    while (at < characters.length && characters[at] !== '|' && characters[at] !== ')') parts.push(repeated())
    return { type: 'sequence', parts }
  }

  function repeated(): Node {
    const from = at
    const part = atom()
    const [least, most] = quantifier()
    if (least === 1 && most === 1) return part
    if (part.type === 'assertion') refuse('repeats what has no length', from)
    if (/^[*+?]$/.test(characters[at] ?? '')) refuse('has two quantifiers')
    return { type: 'repeat', part, least, most }
  }

  function quantifier(): [least: number, most: number | undefined] {
    const rest = characters.slice(at, at + 12).join('')
    const counted = /^\{(\d+)(,(\d*))?\}/.exec(rest)
    const sign = counted ? counted[0] : (/^[*+?]/.exec(rest)?.[0] ?? '')
    if (sign === '') return [1, 1]
    at += sign.length
    if (characters[at] === '?') at += 1
    if (!counted) return [sign === '+' ? 1 : 0, sign === '?' ? 1 : undefined]
    const least = Number(counted[1])
    const most = counted[2] === undefined ? least : counted[3] === '' ? undefined : Number(counted[3])
    if (Math.max(least, most ?? 0) > mostRepeats) refuse(`repeats more than ${mostRepeats} times`)
    if (most !== undefined && most < least) refuse('has a range in the wrong order')
    return [least, most]
  }

  function atom(): Node {
    const character = characters[at]!
    at += 1
    if (character === '(') return group()
    if (character === '[') return set()
    if (character === '\\') return escaped()
    if (character === '^') return { type: 'assertion', holds: (before) => before === undefined || before === '\n' }
    if (character === '$') return { type: 'assertion', holds: (_, after) => after === undefined || after === '\n' }
    if (/[*+?]/.test(character)) refuse('has a quantifier with nothing before it', at - 1)
    return single(character === '.' ? '.' : character.replace(/[{}\]]/, '\\$&'), at - 1)
  }

  function group(): Node {
    const from = at - 1
    if (characters[at] === '?') {
      const kind = characters.slice(at, at + 3).join('')
      if (!kind.startsWith('?:')) {
        const name = /^\?<\w+>/.exec(characters.slice(at, at + 40).join(''))
        if (!name) refuse('looks around, which cannot be done in linear time,', from)
        at += name[0].length
      } else at += 2
    }
    const inner = choice()
    if (characters[at] !== ')') refuse('opens a bracket that is not closed', from)
    at += 1
    return inner
  }

  function set(): Node {
    const from = at - 1
    if (characters[at] === '^') at += 1
    // In JavaScript, unlike elsewhere, a ] closes the set even as its first character.
    while (at < characters.length && characters[at] !== ']') at += characters[at] === '\\' ? 2 : 1
    if (at >= characters.length) refuse('opens a set that is not closed', from)
    at += 1
    return single(characters.slice(from, at).join(''), from)
  }

  function escaped(): Node {
    const from = at - 1
    const character = characters[at]
    if (character === undefined) refuse('ends in a backslash', from)
    if (character === 'b' || character === 'B') {
      at += 1
      const wanted = character === 'b'
      return { type: 'assertion', holds: (before, after) => (isWord(before) !== isWord(after)) === wanted }
    }
    if (/[1-9k]/.test(character)) refuse('refers back, which cannot be done in linear time,', from)
    const rest = characters.slice(from, from + 40).join('')
    const whole = /^\\(?:u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[\w=]+\}|c[A-Za-z]|[\s\S])/u.exec(
      rest,
    )!
    at = from + Array.from(whole[0]).length
    // A backslash before what needs none, such as \- or \", is no error for us.
    return single(
      /^\\[^\p{L}\p{N}]$/u.test(whole[0]) ? whole[0].replace(/^\\([^^$\\.*+?()[\]{}|/])$/u, '$1') : whole[0],
      from,
    )
  }

  /** One character, tested by JavaScript itself: with nothing to repeat there is nothing to go back to. */
  function single(part: string, from: number): Node {
    let test: RegExp
    try {
      test = new RegExp(`^${part}$`, 'iu')
    } catch {
      return refuse(`has ${JSON.stringify(part)}, which is no character or set,`, from)
    }
    const known = new Map<string, boolean>()
    return {
      type: 'character',
      test(character) {
        let result = known.get(character)
        if (result === undefined) {
          result = test.test(character)
          if (known.size < 4096) known.set(character, result)
        }
        return result
      },
    }
  }

  const tree = choice()
  if (at < characters.length) refuse('closes a bracket that is not open')
  return tree
}

/** Text that PostgreSQL cannot hold is refused at the door, with its place, for every endpoint alike. */
import { fail } from '../errors.ts'

/** What is wrong with a text; undefined where nothing is. */
function faultOf(text: string): string | undefined {
  if (text.includes('\u0000')) return 'holds a NUL character'
  return text.isWellFormed() ? undefined : 'holds half of a surrogate pair'
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value))

/** Throws for the first text, key or value, that cannot be stored. Files and other objects of a class are left alone. */
export function refuseUnstorable(value: unknown, path: string[] = []): void {
  if (typeof value === 'string') {
    const fault = faultOf(value)
    if (fault)
      fail('bad_input', `This text ${fault}.`, { where: path.join('.') || 'body', hint: 'Remove it and send again.' })
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) refuseUnstorable(item, [...path, String(i)])
  } else if (isPlain(value)) {
    for (const [key, item] of Object.entries(value)) {
      refuseUnstorable(key, [...path, 'key'])
      refuseUnstorable(item, [...path, key])
    }
  }
}

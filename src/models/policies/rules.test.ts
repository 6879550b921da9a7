import { describe, expect, it } from 'vitest'
import { quoted, retryAfterMs } from './rules.ts'

it.each([
  ['2', 2000],
  [' 0.5 ', 500],
  ['Sat, 28 Nov 2026 01:00:30 GMT', 30_000],
  ['Sat, 28 Nov 2026 00:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [null, undefined],
])('reads Retry-After %j', (header, ms) => {
  expect(retryAfterMs(header, Date.UTC(2026, 10, 28, 1))).toBe(ms)
})

describe('what an endpoint says of its refusal', () => {
  it.each([
    ['{"error": {"message": "no such model", "type": "x"}}', 'no such model'],
    ['{"error": "quota"}', 'quota'],
    ['{"message": "m"}', 'm'],
    ['{"detail": "d"}', 'd'],
    ['{"errors": [1]}', '{"errors": [1]}'],
    ['{}', ''],
    ['null', 'null'],
    ['', ''],
    ['<html><title>502 Bad Gateway</title>\n<p>nginx</html>', '502 Bad Gateway nginx'],
  ])('is its message: %s', (body, said) => {
    expect(quoted(body, undefined)).toBe(said)
  })

  it('has no key in it, nothing that a terminal acts on, and one line of 300 characters', () => {
    expect(quoted('{"message": "bad key sk-1: \\u001b[2Jsk-1\\n\\u202eabc"}', 'sk-1')).toBe(
      'bad key [key]: [2J[key] abc',
    )
    expect(quoted('a'.repeat(1000), undefined)).toBe(`${'a'.repeat(300)}…`)
    expect(quoted(`${'a'.repeat(299)}😀`, undefined).isWellFormed()).toBe(true)
  })
})

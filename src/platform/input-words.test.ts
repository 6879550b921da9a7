import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import './contract.ts'

const refusal = (schema: z.ZodType, input: unknown): string | undefined =>
  schema.safeParse(input).error?.issues[0]?.message

describe('an input that is refused', () => {
  it.each([
    [z.string().min(1), '', 'This must not be empty.'],
    [z.string().min(10), 'short', 'This needs 10 characters or more.'],
    [z.string().max(3), 'long', 'This has more than 3 characters.'],
    [z.array(z.number()).min(1), [], 'This must not be empty.'],
    [z.number().min(1), -3, 'This must be 1 or more.'],
    [z.number().gt(0), 0, 'This must be more than 0.'],
    [z.number().max(5), 6, 'This must be 5 or less.'],
    [z.number().lt(5), 5, 'This must be less than 5.'],
    [z.number(), null, 'This must be a number.'],
    [z.number().int(), 1.5, 'This must be a whole number.'],
    [z.string(), undefined, 'This is missing.'],
    [z.email(), 'not a mail', 'This is not an e-mail address.'],
    [z.enum(['a', 'b']), 'c', 'This must be one of a, b.'],
  ])('is told so in plain words: %#', (schema, input, words) => expect(refusal(schema, input)).toBe(words))

  it('keeps what a schema says itself, and zod’s words where there are none of ours', () => {
    expect(refusal(z.string().min(1, 'A name, please.'), '')).toBe('A name, please.')
    expect(refusal(z.strictObject({}), { extra: 1 })).toContain('extra')
  })
})

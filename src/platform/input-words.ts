/** What is wrong with an input, in words that a person at a form understands; a schema's own message goes before. */
import { z } from 'zod'

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}
const formats: Readonly<Record<string, string>> = {
  email: 'an e-mail address',
  url: 'an address that begins with https:// or http://',
  uuid: 'an id',
  datetime: 'a date with its time',
  date: 'a date',
}

/** What a length counts; nothing for a number, whose value is meant. */
const unit = (origin: string): string | undefined =>
  ({ string: 'characters', array: 'entries', set: 'entries', map: 'entries' })[origin]

/** One sentence; undefined where zod's own words do. */
function inputWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      if (issue.input === undefined) return 'This is missing.'
      const kind = kinds[issue.expected]
      return kind && `This must be ${kind}.`
    }
    case 'too_small': {
      const counted = unit(issue.origin)
      if (!counted)
        return `This must be ${issue.inclusive === false ? 'more than ' : ''}${issue.minimum}${issue.inclusive === false ? '' : ' or more'}.`
      return Number(issue.minimum) === 1 ? 'This must not be empty.' : `This needs ${issue.minimum} ${counted} or more.`
    }
    case 'too_big': {
      const counted = unit(issue.origin)
      return counted
        ? `This has more than ${issue.maximum} ${counted}.`
        : `This must be ${issue.inclusive === false ? 'less than ' : ''}${issue.maximum}${issue.inclusive === false ? '' : ' or less'}.`
    }
    case 'invalid_format': {
      const format = formats[issue.format]
      return format && `This is not ${format}.`
    }
    case 'invalid_value':
      return `This must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}.`
    default:
      return undefined
  }
}

/** From now on, in this process or page. */
export const speakPlainly = (): void => void z.config({ customError: inputWords })

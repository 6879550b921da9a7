/** Numbers as options give them. */
import { fail } from '../../platform/errors.ts'

export function numberOf(
  value: string,
  option: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
  whole = true,
): number {
  const number = Number(value)
  if (value.trim() === '' || !(number >= least && number <= most) || (whole && !Number.isInteger(number)))
    fail('bad_input', `'${value}' is not ${whole ? 'a whole number' : 'a number'} from ${least} to ${most}.`, {
      where: `--${option}`,
    })
  return number
}

export const optional = <T>(value: string | undefined, read: (value: string) => T): T | undefined =>
  value === undefined ? undefined : read(value)

/** What is wrong with settings, in the words of the form: "Aspect 3 needs a name". */
import type { z } from 'zod'

export function issueWords({ path: [field, place], message }: Pick<z.core.$ZodIssue, 'path' | 'message'>): string {
  const name = String(field)
  const capital = name.charAt(0).toUpperCase() + name.slice(1)
  return typeof place === 'number' ? `${capital.replace(/s$/, '')} ${place + 1} ${message}` : `${capital}: ${message}`
}

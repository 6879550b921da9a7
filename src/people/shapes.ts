/** Shapes that several contracts about people share. */
import { z } from 'zod'
import { roles } from './roles.ts'
import { emailOf, passwordLength } from './rules.ts'

export const roleName = z.enum(roles)
export const personName = z.string().trim().min(1).max(200)
export const email = z.string().trim().max(254).pipe(z.email()).transform(emailOf)
export const password = z.string().min(passwordLength.min).max(passwordLength.max)
/** Skills and languages are words that a task may ask for: `python`, `de`. */
export const skills = z
  .array(
    z
      .string()
      .trim()
      .toLowerCase()
      .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._+#-]{0,49}$/u),
  )
  .max(50)
  .transform((words) => [...new Set(words)].sort())

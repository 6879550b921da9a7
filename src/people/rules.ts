/** Decisions about people that browser and server share. */

/** Length alone is asked for, as NIST SP 800-63B advises: rules of composition make passwords worse. */
export const passwordLength = { min: 10, max: 128 } as const

/** Addresses differ in nothing but case when they are one person's. */
export const emailOf = (typed: string): string => typed.trim().toLowerCase()

/** What is wrong with a password, or undefined. One's own name or address is what is guessed first. */
export function passwordFault(password: string, { email, name }: { email: string; name: string }): string | undefined {
  if (password.length < passwordLength.min) return `Use at least ${passwordLength.min} characters.`
  if (password.length > passwordLength.max) return `Use at most ${passwordLength.max} characters.`
  const plain = password.toLowerCase()
  const own = [email.toLowerCase(), email.split('@')[0]!.toLowerCase(), name.toLowerCase()]
  if (own.some((word) => word.length > 3 && plain.replaceAll(word, '').length < 4))
    return 'This is little more than your name or address.'
  if (new Set(plain).size < 4) return 'Use more than three different characters.'
  return undefined
}

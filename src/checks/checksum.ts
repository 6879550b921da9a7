/** Check digits, by which a number that merely looks like an identifier is told from a real one. */

/**
 * Luhn (ISO/IEC 7812-1): from the right, every second digit doubled, digits summed, divisible by ten.
 * 79927398713 is valid, 79927398710 is not.
 */
export function luhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48
    const doubled = i % 2 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** Remainder by 97 of a number of any length in decimal digits, letters counting A = 10 to Z = 35 (ISO 7064). */
export function mod97(characters: string): number {
  let rest = 0
  for (const character of characters) {
    const value = Number.parseInt(character, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest
}

/** Sum of digit times weight. */
export const weighted = (digits: string, weights: number[]): number =>
  weights.reduce((sum, weight, i) => sum + weight * (digits.charCodeAt(i) - 48), 0)

/** Verhoeff's scheme over the dihedral group D5: finds every single error and every swap of neighbours. 2363 is valid. */
export function verhoeff(digits: string): boolean {
  let check = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48
    check = multiply(check, permute(digit, i % 8))
  }
  return check === 0
}

/** Products in D5: 0-4 are rotations, 5-9 reflections. */
function multiply(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5)
  return b < 5 ? 5 + ((((a - b) % 5) + 5) % 5) : (((a - b) % 5) + 5) % 5
}

const step = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
function permute(digit: number, times: number): number {
  let value = digit
  for (let i = 0; i < times; i++) value = step[value]!
  return value
}

/** ISO 7064 MOD 11,10, as the German tax number has it. */
export function mod11by10(digits: string): boolean {
  let product = 10
  for (let i = 0; i < digits.length - 1; i++) {
    const sum = (product + digits.charCodeAt(i) - 48) % 10 || 10
    product = (sum * 2) % 11
  }
  return (11 - product) % 10 === digits.charCodeAt(digits.length - 1) - 48
}

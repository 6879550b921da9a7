/**
 * Symmetric positive definite matrices, row by row in one array: Cholesky's factor l with a = l l', solutions and the inverse by
 * substitution through l and l' (Golub and Van Loan, "Matrix Computations", 4.2).
 *
 * Worked example: a = (4 2; 2 3): l = (2 0; 1 sqrt 2), inverse (.375 -.25; -.25 .5), and a x = (8, 8) at x = (1, 2).
 */

/**
 * Lower factor of a (n x n), or undefined where a is not positive definite.
 * @param least share of a diagonal cell that its pivot must keep: above 0 also what is singular to rounding is refused
 */
export function cholesky(a: Float64Array, n: number, least = 0): Float64Array | undefined {
  const l = new Float64Array(n * n)
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!
      if (i > j) l[i * n + j] = sum / l[j * n + j]!
      else if (sum > least * a[j * n + j]!) l[j * n + j] = Math.sqrt(sum)
      else return undefined
    }
  }
  return l
}

/** x with a x = b, given the factor of a. */
export function solve(l: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = b.slice()
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= l[i * n + k]! * x[k]!
    x[i]! /= l[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= l[k * n + i]! * x[k]!
    x[i]! /= l[i * n + i]!
  }
  return x
}

/** Inverse of a, given its factor. */
export function inverse(l: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n)
  const unit = new Float64Array(n)
  for (let j = 0; j < n; j++) {
    unit.fill(0)
    unit[j] = 1
    const column = solve(l, n, unit)
    for (let i = 0; i < n; i++) out[i * n + j] = column[i]!
  }
  return out
}

/** a b of two n x n matrices. */
export function multiply(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const value = a[i * n + k]!
      if (value === 0) continue
      for (let j = 0; j < n; j++) out[i * n + j]! += value * b[k * n + j]!
    }
  return out
}

/**
 * Limited-memory BFGS (Liu and Nocedal 1989), memory 12, with a line search for the strong Wolfe conditions by bracketing
 * and bisection, for smooth functions given with their gradient.
 */

/** Value at x; writes the gradient. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number

export interface Minimum {
  x: Float64Array
  value: number
  gradient: Float64Array
  iterations: number
  converged: boolean
}

const memory = 12

/** Stops once no entry of the gradient exceeds `tolerance`. */
export function minimise(
  objective: Objective,
  start: Float64Array,
  { iterations = 1000, tolerance = 1e-8 }: { iterations?: number; tolerance?: number } = {},
): Minimum {
  const n = start.length
  let x = start.slice()
  let gradient = new Float64Array(n)
  let value = objective(x, gradient)
  const steps: { s: Float64Array; y: Float64Array; rho: number }[] = []
  let done = 0
  while (done < iterations && largest(gradient) > tolerance) {
    done++
    let direction = descent(gradient)
    if (!(dot(direction, gradient) < 0)) {
      steps.length = 0
      direction = gradient.map((g) => -g)
    }
    const first = steps.length === 0 ? Math.min(1, 1 / largest(gradient)) : 1
    const found = search(direction, first)
    if (!found) {
      if (steps.length === 0) break
      steps.length = 0
      continue
    }
    const s = found.x.map((v, i) => v - x[i]!)
    const y = found.gradient.map((v, i) => v - gradient[i]!)
    const curvature = dot(s, y)
    if (curvature > 1e-300) {
      steps.push({ s, y, rho: 1 / curvature })
      if (steps.length > memory) steps.shift()
    }
    ;({ x, value, gradient } = found)
  }
  return { x, value, gradient, iterations: done, converged: largest(gradient) <= tolerance }

  function descent(g: Float64Array): Float64Array {
    const q = g.slice()
    const alpha: number[] = []
    for (let m = steps.length - 1; m >= 0; m--) {
      const { s, y, rho } = steps[m]!
      alpha[m] = rho * dot(s, q)
      for (let i = 0; i < n; i++) q[i]! -= alpha[m]! * y[i]!
    }
    const last = steps.at(-1)
    const scale = last ? dot(last.s, last.y) / dot(last.y, last.y) : 1
    for (let i = 0; i < n; i++) q[i]! *= scale
    steps.forEach(({ s, y, rho }, m) => {
      const beta = rho * dot(y, q)
      for (let i = 0; i < n; i++) q[i]! += (alpha[m]! - beta) * s[i]!
    })
    return q.map((v) => -v)
  }

  function search(direction: Float64Array, first: number) {
    const slope = dot(direction, gradient)
    let low = 0
    let high = Number.POSITIVE_INFINITY
    let step = first
    for (let trial = 0; trial < 60; trial++) {
      const next = x.map((v, i) => v + step * direction[i]!)
      const nextGradient = new Float64Array(n)
      const nextValue = objective(next, nextGradient)
      // near the minimum the value is rounding: then the slope decides alone
      const decreased = nextValue <= value + 1e-4 * step * slope + 1e-12 * Math.abs(value)
      const nextSlope = dot(direction, nextGradient)
      if (!decreased || Number.isNaN(nextValue)) high = step
      else if (nextSlope < 0.9 * slope) low = step
      else if (nextSlope > -0.9 * slope) high = step
      else return { x: next, value: nextValue, gradient: nextGradient }
      step = high === Number.POSITIVE_INFINITY ? 2 * low : (low + high) / 2
      if (high - low < 1e-16 * high) break
    }
    return undefined
  }
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

const largest = (v: Float64Array) => v.reduce((top, x) => Math.max(top, Math.abs(x)), 0)

/** Hessian (row by row) from central differences of the gradient. */
export function hessianOf(objective: Objective, x: Float64Array): Float64Array {
  const n = x.length
  const h = 1e-5
  const hessian = new Float64Array(n * n)
  const up = new Float64Array(n)
  const down = new Float64Array(n)
  const at = x.slice()
  for (let i = 0; i < n; i++) {
    at[i] = x[i]! + h
    objective(at, up.fill(0))
    at[i] = x[i]! - h
    objective(at, down.fill(0))
    at[i] = x[i]!
    for (let j = 0; j < n; j++) hessian[i * n + j] = (up[j]! - down[j]!) / (2 * h)
  }
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const mean = (hessian[i * n + j]! + hessian[j * n + i]!) / 2
      hessian[i * n + j] = hessian[j * n + i] = mean
    }
  return hessian
}

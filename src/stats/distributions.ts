/**
 * Distribution functions in double precision.
 *
 * logGamma: Lanczos (1964) approximation, g = 7 with nine terms; relative error below 1e-14 (absolute near its zeros at 1, 2).
 * digamma: recurrence up to 10, then the asymptotic series with Bernoulli numbers; absolute error below 1e-13.
 * The tails of the gamma distribution: series below x = a + 1, Lentz's continued fraction above (Abramowitz and Stegun 6.5.29, 6.5.31).
 * betaCdf: Lentz's continued fraction (DLMF 8.17.22); relative error about 1e-13 (1e-10 for a + b above 1e6).
 * Quantiles: Newton steps kept inside a shrinking bracket, until the bracket or the step is at rounding.
 *
 * Worked example: normalCdf(1.96) = 0.9750021048517795; tQuantile(0.975, 11) = 2.200985160082949;
 * chiSquareCdf(3.841458820694124, 1) = 0.95; betaCdf(0.5, 2, 3) = 0.6875.
 */

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

/** ln of the gamma function for x > 0. */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.POSITIVE_INFINITY
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  let sum = lanczos[0]!
  for (let i = 1; i < lanczos.length; i++) sum += lanczos[i]! / (x - 1 + i)
  const base = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(sum)
}

/** logGamma(x) less Stirling's (x - 1/2) ln x - x + ln(2 pi) / 2, for x >= 10. */
function stirlingRest(x: number): number {
  const s = 1 / (x * x)
  return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * (691 / 360360 - s / 156)))))) / x
}

/** ln of the beta function for a, b > 0; large arguments cancel on paper, not in rounding. */
export function logBeta(a: number, b: number): number {
  if (a > b) return logBeta(b, a)
  if (b < 10) return logGamma(a) + logGamma(b) - logGamma(a + b)
  const rest = stirlingRest(b) - stirlingRest(a + b) - (b - 0.5) * Math.log1p(a / b)
  if (a < 10) return logGamma(a) + rest + a - a * Math.log(a + b)
  return 0.5 * Math.log((2 * Math.PI) / (a + b)) + stirlingRest(a) + rest - (a - 0.5) * Math.log1p(b / a)
}

/** Derivative of logGamma, for x > 0. */
export function digamma(x: number): number {
  let shift = 0
  let z = x
  while (z < 10) {
    shift -= 1 / z
    z += 1
  }
  const s = 1 / (z * z)
  const series =
    s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * (691 / 32760 - s / 12))))))
  return shift + Math.log(z) - 0.5 / z - series
}

/** Both tails [P(a, x), Q(a, x)] of the regularised incomplete gamma function; each with its own relative accuracy. */
function gammaTails(x: number, a: number): [number, number] {
  if (Number.isNaN(x + a)) return [Number.NaN, Number.NaN]
  if (x <= 0) return [0, 1]
  if (x === Number.POSITIVE_INFINITY) return [1, 0]
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x < a + 1) {
    let term = 1 / a
    let sum = term
    for (let n = 1; n < 100_000; n++) {
      term *= x / (a + n)
      sum += term
      if (term < sum * 1e-17) break
    }
    return [front * sum, 1 - front * sum]
  }
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let h = d
  for (let i = 1; i < 100_000; i++) {
    const an = -i * (i - a)
    b += 2
    d = 1 / (an * d + b)
    c = b + an / c
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return [1 - front * h, front * h]
}

/** P(X <= x) of chi-square; the upper tail keeps its relative accuracy in `chiSquareUpper`. */
export const chiSquareCdf = (x: number, df: number): number => gammaTails(x / 2, df / 2)[0]
export const chiSquareUpper = (x: number, df: number): number => gammaTails(x / 2, df / 2)[1]

/** P(Z <= x) of the standard normal; relative accuracy holds in the lower tail. */
export function normalCdf(x: number): number {
  if (x === 0) return 0.5
  const upper = gammaTails((x * x) / 2, 0.5)[1] / 2
  return x < 0 ? upper : 1 - upper
}

const normalPdf = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)

/** Solves cdf(x) = p in (low, high): Newton where it stays inside the bracket, bisection where it does not. */
function invert(
  p: number,
  cdf: (x: number) => number,
  pdf: (x: number) => number,
  start: number,
  range: [number, number],
) {
  let [low, high] = range
  let x = start
  for (let i = 0; i < 200; i++) {
    const error = cdf(x) - p
    if (error === 0) return x
    if (error > 0) high = x
    else low = x
    const newton = x - error / pdf(x)
    const middle = low > 0 && high > 10 * low ? Math.sqrt(low) * Math.sqrt(high) : (low + high) / 2
    const next = newton > low && newton < high ? newton : middle
    if (Math.abs(next - x) <= 2e-16 * Math.abs(next) || next === low || next === high) return next
    x = next
  }
  return x
}

/** The x with normalCdf(x) = p; -Infinity at 0 and Infinity at 1. Start: Abramowitz and Stegun 26.2.23. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN
  if (p === 0) return Number.NEGATIVE_INFINITY
  if (p === 1) return Number.POSITIVE_INFINITY
  if (p === 0.5) return 0
  if (p > 0.5) return -normalQuantile(1 - p)
  const t = Math.sqrt(-2 * Math.log(p))
  const start = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t
  return invert(p, normalCdf, normalPdf, Math.min(start, 0), [-40, 0])
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  let c = 1
  let d = 1 - ((a + b) * x) / (a + 1)
  d = 1 / (Math.abs(d) < tiny ? tiny : d)
  let h = d
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 + even * d
    d = 1 / (Math.abs(d) < tiny ? tiny : d)
    c = 1 + even / c
    if (Math.abs(c) < tiny) c = tiny
    h *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 + odd * d
    d = 1 / (Math.abs(d) < tiny ? tiny : d)
    c = 1 + odd / c
    if (Math.abs(c) < tiny) c = tiny
    const delta = d * c
    h *= delta
    if (Math.abs(delta - 1) < 3e-16) break
  }
  return h
}

/** Regularised incomplete beta function I_x(a, b): P(X <= x) of Beta(a, b), a, b > 0. For 1 - I_x use betaCdf(1 - x, b, a). */
export function betaCdf(x: number, a: number, b: number): number {
  if (Number.isNaN(x + a + b)) return Number.NaN
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b))
  if (x <= (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a
  return 1 - (front * betaFraction(1 - x, b, a)) / b
}

/** The x with betaCdf(x, a, b) = p. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (!(p >= 0 && p <= 1 && a > 0 && b > 0)) return Number.NaN
  if (p === 0 || p === 1) return p
  const logNorm = logBeta(a, b)
  const pdf = (x: number) => Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - logNorm)
  return invert(p, (x) => betaCdf(x, a, b), pdf, a / (a + b), [1e-308, 1])
}

/** P(T <= t) of Student's t; df may be fractional or Infinity (normal). Relative accuracy holds in the lower tail. */
export function tCdf(t: number, df: number): number {
  if (df === Number.POSITIVE_INFINITY) return normalCdf(t)
  if (t === 0) return 0.5
  const square = t * t
  const tail =
    square < df ? (1 - betaCdf(square / (df + square), 0.5, df / 2)) / 2 : betaCdf(df / (df + square), df / 2, 0.5) / 2
  return t < 0 ? tail : 1 - tail
}

/** The t with tCdf(t, df) = p. */
export function tQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1 && df > 0)) return Number.NaN
  if (df === Number.POSITIVE_INFINITY) return normalQuantile(p)
  if (p === 0.5) return 0
  if (p > 0.5) return -tQuantile(1 - p, df)
  if (p === 0) return Number.NEGATIVE_INFINITY
  const logNorm = logBeta(0.5, df / 2) + 0.5 * Math.log(df)
  const pdf = (t: number) => Math.exp(-((df + 1) / 2) * Math.log1p((t * t) / df) - logNorm)
  let low = Math.min(-1, 2 * normalQuantile(p))
  while (tCdf(low, df) > p) low *= 4
  return invert(p, (t) => tCdf(t, df), pdf, Math.max(low, normalQuantile(p)), [low, 0])
}

/** P(X <= k) and P(X >= k) of a binomial with n trials, by the incomplete beta function. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0
  if (k >= n) return 1
  return betaCdf(1 - p, n - k, k + 1)
}
export function binomialUpper(k: number, n: number, p: number): number {
  if (k <= 0) return 1
  if (k > n) return 0
  return betaCdf(p, k, n - k + 1)
}

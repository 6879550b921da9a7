/**
 * Intervals of 95% by likelihood ratio (Wilks 1938): the values at which the log-likelihood is not more than half the .95 quantile
 * of chi-square with one degree of freedom below its top.
 *
 * Worked example: 60 hits of 100, log L(p) = 60 ln p + 40 ln(1 - p), top at .6: .5023 to .6926.
 */
const reach = 3.841458820694124 / 2

/**
 * @param log a concave log-likelihood, with its top at `top`
 * @param end how far it may go at most; given back where the log-likelihood does not fall so far
 * @param steps halvings of the distance, each an evaluation of `log`
 */
export function likelihoodBound(log: (x: number) => number, top: number, end: number, steps = 50): number {
  const level = log(top) - reach
  if (log(end) >= level) return end
  let [inside, outside] = [top, end]
  for (let step = 0; step < steps; step++) {
    const middle = (inside + outside) / 2
    if (log(middle) >= level) inside = middle
    else outside = middle
  }
  return inside
}

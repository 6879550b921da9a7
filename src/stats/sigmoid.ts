/**
 * The logistic function s(x) = 1 / (1 + e^-x), its logarithm, and ln(1 + e^x), without overflow at either end: each exponential is
 * of a number that is not above 0.
 *
 * Worked example: s(ln 3) = 0.75; ln s(-1000) = -1000; softplus(0) = ln 2 = 0.6931.
 */
export const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))
export const logSigmoid = (x: number): number => -softplus(-x)
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

/**
 * Online Bayesian Bradley-Terry over sparse features: assumed density filtering with a diagonal Gaussian over the weights.
 *
 * P(chosen above rejected) = sigmoid(w . d), d = x(chosen) - x(rejected), w ~ N(mean, diag(variance)); Bradley and Terry 1952.
 * Moderated output (MacKay 1992, "The evidence framework applied to classification networks", eq. 25): with m = mean . d and
 * v = sum variance_j d_j^2, p = sigmoid(m / sqrt(1 + pi v / 8)). One step of the extended Kalman filter on an outcome y, with
 * k = p (1 - p): mean_j += variance_j d_j (y - p) / (1 + k v); variance_j /= 1 + k variance_j d_j^2. No
 * covariance is kept: a step costs the features of the two texts, nothing more.
 *
 * A tie is taught as y = 1/2: it draws the two together, and what they have in common stays as it is.
 *
 * Worked example: one feature, prior variance 1, d = 1, y = 1: m = 0, v = 1, p = 1/2, k = 1/4; mean = 0.5 / 1.25 = 0.4,
 * variance = 1 / 1.25 = 0.8; the same pair is then expected with sigmoid(0.4 / sqrt(1 + pi 0.8 / 8)) = 0.586.
 */
import { sigmoid } from '../../stats/sigmoid.ts'
import { type Sparse, width } from './features.ts'

export interface RewardModel {
  priorVariance: number
  mean: Float32Array
  variance: Float32Array
}

/** On HH (docs/learning.md) 1, 4 and 16 predict alike; of the three, 4 is right most often and 16 too sure of itself. */
const standardVariance = 4

export const newModel = (priorVariance = standardVariance): RewardModel => ({
  priorVariance,
  mean: new Float32Array(width),
  variance: new Float32Array(width).fill(priorVariance),
})

/** Log-odds with their variance; `probability` takes the doubt into account and so lies nearer to one half. */
export interface Prediction {
  logit: number
  variance: number
  probability: number
}

/** Of a difference of two texts: that the first is better. Of one text: its score, against a text without a word. */
export function predict({ mean, variance }: RewardModel, { at, value }: Sparse): Prediction {
  let m = 0
  let v = 0
  for (let i = 0; i < at.length; i++) {
    const [j, x] = [at[i]!, value[i]!]
    m += mean[j]! * x
    v += variance[j]! * x * x
  }
  return { logit: m, variance: v, probability: sigmoid(m / Math.sqrt(1 + (Math.PI * v) / 8)) }
}

/** Teaches an outcome (1 the first is better, 0 the second, 1/2 a tie), in place; returns what was expected before. */
export function learn(model: RewardModel, pair: Sparse, outcome: number): Prediction {
  const before = predict(model, pair)
  const curvature = before.probability * (1 - before.probability)
  const step = (outcome - before.probability) / (1 + curvature * before.variance)
  const { mean, variance } = model
  const { at, value } = pair
  for (let i = 0; i < at.length; i++) {
    const [j, x] = [at[i]!, value[i]!]
    const doubt = variance[j]!
    mean[j] = mean[j]! + doubt * x * step
    variance[j] = doubt / (1 + curvature * doubt * x * x)
  }
  return before
}

/** Bytes a weight that something was learned of: bucket, mean, variance; little-endian, after a head of the prior. */
const weightBytes = 12
const headBytes = 4

/** Sparse and exact: the state that comes back is the same, bit for bit. */
export function encodeModel({ priorVariance, mean, variance }: RewardModel): Buffer {
  const prior = Math.fround(priorVariance)
  const touched = (j: number) => mean[j] !== 0 || variance[j] !== prior
  let n = 0
  for (let j = 0; j < mean.length; j++) if (touched(j)) n++
  const bytes = Buffer.alloc(headBytes + n * weightBytes)
  bytes.writeFloatLE(prior)
  let offset = headBytes
  for (let j = 0; j < mean.length; j++)
    if (touched(j)) {
      bytes.writeUInt32LE(j, offset)
      bytes.writeFloatLE(mean[j]!, offset + 4)
      bytes.writeFloatLE(variance[j]!, offset + 8)
      offset += weightBytes
    }
  return bytes
}

export function decodeModel(bytes: Buffer): RewardModel {
  const model = newModel(bytes.readFloatLE(0))
  for (let offset = headBytes; offset < bytes.length; offset += weightBytes) {
    const j = bytes.readUInt32LE(offset)
    model.mean[j] = bytes.readFloatLE(offset + 4)
    model.variance[j] = bytes.readFloatLE(offset + 8)
  }
  return model
}

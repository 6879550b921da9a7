/**
 * Tables of cosines and sines for rotary positions, with the three ways to stretch them that checkpoints use.
 *
 * Frequencies: theta^(-2 i / headDim) for i in 0..headDim/2 - 1 (J. Su et al., RoFormer, arXiv:2104.09864).
 * - linear (S. Chen et al., arXiv:2306.15595): every frequency divided by the factor.
 * - llama3 (The Llama 3 Herd of Models, arXiv:2407.21783, as released): low frequencies divided, high ones kept, a ramp
 *   between, by how many wavelengths fit into the original length.
 * - yarn (B. Peng et al., arXiv:2309.00071): a ramp over the dimensions, and attention sharpened by 0.1 ln(factor) + 1.
 *
 * Example: headDim 4, theta 10,000: frequencies 1 and 0.01; position 2 turns by 2 and 0.02 radians.
 */
import type { ModelConfig, RopeScaling } from './config.ts'

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high)

function llama3(frequency: number, scaling: RopeScaling & { type: 'llama3' }): number {
  const { factor, lowFreqFactor, highFreqFactor, originalMaxPositions } = scaling
  const turns = (originalMaxPositions * frequency) / (2 * Math.PI)
  const kept = clamp((turns - lowFreqFactor) / (highFreqFactor - lowFreqFactor), 0, 1)
  return (1 - kept) * (frequency / factor) + kept * frequency
}

/** The dimension whose frequency turns `turns` times over the original length. */
const dimensionOf = (turns: number, headDim: number, theta: number, length: number): number =>
  (headDim * Math.log(length / (turns * 2 * Math.PI))) / (2 * Math.log(theta))

function yarn(frequencies: number[], scaling: RopeScaling & { type: 'yarn' }, headDim: number, theta: number) {
  const { factor, originalMaxPositions, betaFast, betaSlow } = scaling
  const low = Math.max(Math.floor(dimensionOf(betaFast, headDim, theta, originalMaxPositions)), 0)
  const high = Math.min(Math.ceil(dimensionOf(betaSlow, headDim, theta, originalMaxPositions)), headDim - 1)
  const width = high === low ? 0.001 : high - low
  return frequencies.map((frequency, i) => {
    const stretched = clamp((i - low) / width, 0, 1)
    return stretched * (frequency / factor) + (1 - stretched) * frequency
  })
}

/** Angle per position for each of the headDim / 2 pairs, and the factor on cosine and sine. */
export function ropeFrequencies(config: ModelConfig): { frequencies: number[]; factor: number } {
  const { headDim, ropeTheta, ropeScaling } = config
  const plain = Array.from({ length: headDim / 2 }, (_, i) => ropeTheta ** ((-2 * i) / headDim))
  if (!ropeScaling) return { frequencies: plain, factor: 1 }
  switch (ropeScaling.type) {
    case 'linear':
      return { frequencies: plain.map((frequency) => frequency / ropeScaling.factor), factor: 1 }
    case 'llama3':
      return { frequencies: plain.map((frequency) => llama3(frequency, ropeScaling)), factor: 1 }
    case 'yarn':
      return {
        frequencies: yarn(plain, ropeScaling, headDim, ropeTheta),
        factor: ropeScaling.attentionFactor ?? 0.1 * Math.log(ropeScaling.factor) + 1,
      }
  }
}

/** cos and sin [positions, headDim / 2]; angles in float32 steps as transformers computes them. */
export function ropeTables(config: ModelConfig, positions: number): { cos: Float32Array; sin: Float32Array } {
  const { frequencies, factor } = ropeFrequencies(config)
  const half = frequencies.length
  const rounded = Float32Array.from(frequencies)
  const [cos, sin] = [new Float32Array(positions * half), new Float32Array(positions * half)]
  for (let position = 0; position < positions; position++)
    for (let i = 0; i < half; i++) {
      const angle = Math.fround(position * rounded[i]!)
      cos[position * half + i] = Math.cos(angle) * factor
      sin[position * half + i] = Math.sin(angle) * factor
    }
  return { cos, sin }
}

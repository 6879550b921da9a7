/**
 * The training session: one model, its gradients and its optimiser.
 *
 * Every algorithm is a function from the model's outputs to coefficients. The loss of all of them is
 *
 *   L = - sum over n of c_n * output_n
 *
 * where output_n is log p(token_n | tokens before it) under the 'lm' head, or a score under the 'scalar' head, and
 * c_n = -dL/d output_n, computed in TypeScript. `accumulate` takes the coefficients, or a function of the outputs.
 */
import type { ModelConfig, Weights } from './config.ts'

/** One row: a prompt and what follows it. Rows are right-padded by the session; they need not be equally long. */
export interface Sequence {
  /** Token ids, 1..maxPositions of them. */
  tokens: ArrayLike<number>
  /**
   * As long as `tokens`, 1 where an output is wanted. Under the 'lm' head output_n is the log-probability of token n
   * given those before it, so that position 0 is never wanted. Under the 'scalar' head output_n is the score read at
   * position n: a reward model marks the last token alone, a value head marks the state before each completion token.
   */
  mask: ArrayLike<number>
}

/** Per row, one number per marked position, in order. */
export type Outputs = Float32Array[]

/**
 * Comparisons of sequences, as logistic regression has them: Bradley-Terry's reward model and DPO. With z_p = shift_p + the
 * sum of slope_s * output_n over the outputs of the sequences s of comparison p,
 *
 *   c_n = slope_s * weight_p * (label_p - sigmoid(z_p)).
 */
export interface Logistic {
  /** For each row of the batch. */
  sequences: readonly { comparison: number; slope: number }[]
  comparisons: readonly { label: number; weight: number; shift: number }[]
}

/** c_n = given_n + pull_n * exp(anchor_n - output_n): a divergence from the anchor estimated by k3, see `algorithms/kl.ts`. */
export interface Anchored {
  given: Outputs
  pull: Outputs
  anchor: Outputs
}

/** What needs no pass of its own: coefficients known beforehand, or by a formula that the graph itself computes. */
export type Coefficients = Outputs | Logistic | Anchored

export interface LoraOptions {
  rank: number
  /** The update is scaled by alpha / rank. */
  alpha: number
  /** Names of linear layers, as in PEFT. */
  targets: LoraTarget[]
  /** Probability of dropping an input of the adapter while training; 0 is off. */
  dropout: number
}

export const loraTargets = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const
export type LoraTarget = (typeof loraTargets)[number]

/** An adapter to continue from: PEFT's names without their prefix, `model.layers.0.self_attn.q_proj.lora_A.weight`. */
export interface Adapter extends LoraOptions {
  weights?: Weights
}

export interface SessionOptions {
  config: ModelConfig
  /** Taken over, not copied where the layout allows it: don't change the arrays afterwards. */
  weights: Weights
  /** With an adapter only the adapter (and the scalar head) is trained. Without, all weights are. */
  adapter?: Adapter
  /** 'scalar' adds `score.weight` [1, hiddenSize] (zeros unless `weights` brings it along) in place of the logits. */
  head: 'lm' | 'scalar'
  /** Log-probabilities are those of logits divided by it, as a sampler at this temperature draws. Default 1. */
  temperature?: number
  /** Threads of the kernels. Equal seed and thread count give bit-identical runs. Default: all cores. */
  threads?: number
  /** Draws the adapter's A matrices and its dropout. */
  seed: number
}

export interface ForwardOptions {
  /** 'off' leaves the adapter out: the reference policy of a LoRA run, at no extra memory. Default 'on'. */
  adapter?: 'on' | 'off'
}

export interface AdamWOptions {
  learningRate: number
  /** Default 0.9. */
  beta1?: number
  /** Default 0.999. */
  beta2?: number
  /** Default 1e-8. */
  epsilon?: number
  /** Decoupled; applied to matrices, never to norms and biases. Default 0. */
  weightDecay?: number
  /** Gradients are scaled down to this global L2 norm; Infinity is off. Default 1. */
  maxGradientNorm?: number
}

export interface UpdateResult {
  /** Global L2 norm before clipping. Not finite: then nothing was changed but the gradients set to zero. */
  gradientNorm: number
  clipped: boolean
  /** False when the gradient was not finite and the update was left out. */
  applied: boolean
}

/** All that resume needs besides the data position: trained weights, both moments, counts. */
export interface SessionState {
  /** Names as in `trained()`; data is live (a view): copy or write it before the next update. */
  weights: Weights
  firstMoment: Weights
  secondMoment: Weights
  /** Updates applied so far (the t of AdamW's bias correction). */
  updates: number
  /** Forward passes in training so far; dropout masks are a function of (seed, this count). */
  passes: number
}

export interface TrainingSession {
  readonly config: ModelConfig
  readonly head: 'lm' | 'scalar'
  /** Numbers that are trained, and numbers in all. */
  readonly parameters: { trained: number; total: number }

  /** Outputs without gradient, dropout off. Throws TrainerError on token ids outside the vocabulary or empty rows. */
  forward(batch: readonly Sequence[], options?: ForwardOptions): Promise<Outputs>

  /**
   * Adds to the gradient and returns the outputs (dropout on). `coefficients` are c_n in the shape of the outputs, one of two
   * formulas in the outputs, or any function of them: they are then computed first, in a pass of their own. (Keeping the activations between two
   * programs was tried: onnxruntime-node copies every output, which cost as much as that pass and twice the memory.)
   * Call it several times before `update` for gradient accumulation: coefficients then carry the normalisation over the
   * whole batch. A row whose coefficients are all 0 adds nothing.
   */
  accumulate(
    batch: readonly Sequence[],
    coefficients: Coefficients | ((outputs: Outputs) => Outputs | Promise<Outputs>),
  ): Promise<Outputs>

  /** Clips, applies AdamW, sets the gradient to zero. */
  update(options: AdamWOptions): UpdateResult

  /** The trained weights under their Hugging Face names (LoRA: `...lora_A.weight`, `...lora_B.weight`); live views. */
  trained(): Weights
  /** A full checkpoint: base with the adapter merged in. Copies where an adapter is merged, live views elsewhere. */
  merged(): Weights
  state(): SessionState
  /** Continues from `state` bit for bit. Throws TrainerError when a name or shape does not fit. */
  restore(state: SessionState): void
  /** The gradient as it stands (sum of all `accumulate` calls since the last update); live views. For tests. */
  gradients(): Weights
  close(): Promise<void>
}

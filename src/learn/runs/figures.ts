/** The figures that a run reports at each step, in plain words. Pure; which of them there are depends on the algorithm. */

export interface Figure {
  key: string
  title: string
  unit: string
  digits: number
  /** What held-out rows are measured at beside it. */
  held?: 'evalLoss' | 'evalAccuracy'
  /** Folded away until asked for. */
  more?: true
}

export const figures: readonly Figure[] = [
  { key: 'loss', title: 'Loss', unit: 'loss', digits: 3, held: 'evalLoss' },
  { key: 'rewardMean', title: 'Reward of its samples', unit: 'mean reward', digits: 3 },
  { key: 'accuracy', title: 'Pairs in the right order', unit: 'share', digits: 2, held: 'evalAccuracy' },
  { key: 'margin', title: 'Chosen above rejected', unit: 'mean margin', digits: 3 },
  { key: 'kl', title: 'Distance from where it began (KL)', unit: 'nats a token', digits: 4 },
  { key: 'length', title: 'Length of its samples', unit: 'tokens', digits: 1 },
  { key: 'entropy', title: 'Entropy', unit: 'nats a token', digits: 3 },
  { key: 'tokensPerSecond', title: 'Speed', unit: 'tokens/s', digits: 0 },
  { key: 'rewardSpread', title: 'Spread of rewards', unit: 'standard deviation', digits: 3, more: true },
  { key: 'truncatedShare', title: 'Samples cut off', unit: 'share', digits: 2, more: true },
  { key: 'clippedShare', title: 'Ratios clipped', unit: 'share', digits: 3, more: true },
  { key: 'valueLoss', title: 'Loss of the value head', unit: 'loss', digits: 3, more: true },
  { key: 'beta', title: 'Weight of the divergence (beta)', unit: 'beta', digits: 4, more: true },
  { key: 'gradientNorm', title: 'Norm of the gradient', unit: 'norm', digits: 3, more: true },
  { key: 'learningRate', title: 'Learning rate', unit: 'rate', digits: 6, more: true },
]

/** Of two sets of settings, those that differ, by name. */
export function differences(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): { name: string; first: string; second: string }[] {
  const say = (value: unknown) =>
    value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value)
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .sort()
    .map((name) => ({ name, first: say(a[name]), second: say(b[name]) }))
    .filter(({ first, second }) => first !== second)
}

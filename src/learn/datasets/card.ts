/** The card of a dataset, in Hugging Face form: a YAML header and Markdown, made of what was counted and nothing else. */
import type { Counts, DatasetKind, Filters } from './contract.ts'
import { filterLines, n, percent, plural } from './filter-words.ts'
import { reasonWords } from './rules.ts'

interface Carded {
  name: string
  kind: DatasetKind
  filters: Filters
  counts: Counts
  hash: string
  at: Date
}

const sizes: [number, string][] = [
  [1e3, 'n<1K'],
  [1e4, '1K<n<10K'],
  [1e5, '10K<n<100K'],
  [1e6, '100K<n<1M'],
  [1e7, '1M<n<10M'],
]
const sizeOf = (rows: number) => sizes.find(([below]) => rows < below)?.[1] ?? '10M<n<100M'

function header({ name, kind, counts }: Carded): string {
  const tags = kind === 'preference' ? ['preference', 'rlhf', 'trl'] : ['sft', 'trl']
  if (counts.annotations.simulated) tags.push('simulated-annotators')
  // A split without a file would keep the other from being loaded; sizes differ from format to format, and are checked.
  const splits = (['train', 'test'] as const).filter((split) => counts.splits[split].rows > 0)
  return [
    '---',
    `pretty_name: ${JSON.stringify(name)}`,
    'task_categories:',
    '- text-generation',
    `size_categories:\n- ${sizeOf(counts.rows)}`,
    'tags:',
    ...tags.map((tag) => `- ${tag}`),
    'configs:',
    '- config_name: default',
    '  data_files:',
    ...splits.flatMap((split) => [`  - split: ${split}`, `    path: ${split}.*`]),
    '---',
  ].join('\n')
}

const table = (head: string[], rows: (string | number)[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

function whereFrom({ kind, counts: { annotations, guidelineVersions } }: Carded): string[] {
  if (kind === 'demonstration') return ['Responses that people wrote or that were imported.']
  return [
    `Rests on ${plural(annotations.all, 'judgement')}: ${n(annotations.all - annotations.imported)} by ${annotations.people === 1 ? '1 person' : `${n(annotations.people)} people`}, ${n(annotations.imported)} imported.`,
    annotations.simulated
      ? `**${percent(annotations.simulated / annotations.all)} of the judgements are by simulated annotators** (${n(annotations.simulatedPeople)} of the ${n(annotations.people)}): programs, not people.`
      : 'No judgement is by a simulated annotator.',
    ...guidelineVersions.map(({ version, annotations }) =>
      version === null
        ? `- ${plural(annotations, 'judgement')} without a guideline in force`
        : `- ${plural(annotations, 'judgement')} under guideline version ${version}`,
    ),
  ]
}

function limits({ kind, counts }: Carded): string[] {
  const {
    annotations,
    agreement,
    longerChosen,
    alike,
    splits: { test },
  } = counts
  return [
    ...(annotations.simulated
      ? ['Simulated annotators follow rules of their own; they say nothing of what people want.']
      : []),
    ...(kind === 'preference' && !agreement ? ['No pair was judged twice: agreement is not known.'] : []),
    ...(annotations.people === 1 ? ['One person’s taste.'] : []),
    ...(longerChosen !== null && Math.abs(longerChosen - 0.5) > 0.1
      ? [
          `The ${longerChosen > 0.5 ? 'longer' : 'shorter'} response was chosen in ${percent(Math.max(longerChosen, 1 - longerChosen))} of pairs: a model can learn length alone.`,
        ]
      : []),
    ...(test.rows === 0
      ? ['Nothing is held out.']
      : test.rows < 100
        ? [`Only ${plural(test.rows, 'row')} held out: what is measured on them is rough.`]
        : []),
    ...(alike.largest > Math.max(10, alike.prompts / 20)
      ? [`${n(alike.largest)} of the project's ${n(alike.prompts)} prompts are alike and lie on one side of the split.`]
      : []),
    'Texts that were erased since are gone from the rows, and the hash stands for what was there.',
  ]
}

export function cardOf(carded: Carded): string {
  const { name, kind, counts, hash, at } = carded
  const left = Object.entries(counts.leftOut).filter(([, count]) => count > 0)
  const { chosen, rejected } = counts.lengths
  const lengths = [
    ...(chosen ? [[kind === 'preference' ? 'chosen' : 'response', chosen] as const] : []),
    ...(rejected ? [['rejected', rejected] as const] : []),
  ]
  return `${header(carded)}

# ${name}

${kind === 'preference' ? 'Preferences between two responses to a prompt' : 'Prompts with a response to learn'}, taken ${at.toISOString()}.
Content hash \`${hash}\`.

${table(
  ['split', 'rows', 'prompts'],
  (['train', 'test'] as const).map((split) => [split, n(counts.splits[split].rows), n(counts.splits[split].prompts)]),
)}

## Where it comes from

${whereFrom(carded).join('\n')}

## What was let through

${filterLines(carded)
  .map((line) => `- ${line}`)
  .join('\n')}
${left.length ? `\nLeft out: ${left.map(([reason, count]) => `${n(count)} ${reasonWords[reason as keyof typeof reasonWords]}`).join(', ')}.\n` : ''}
## Agreement

${
  counts.agreement
    ? `${percent(counts.agreement.share)} of votes agree with the most frequent answer of their pair, over ${plural(counts.agreement.pairs, 'pair')} with two votes or more.`
    : 'Not known: no pair has two votes.'
}

## Lengths, in characters

${table(
  ['', 'mean', 'median', '95th percentile', 'longest'],
  lengths.map(([side, { mean, median, p95, longest }]) => [side, n(Math.round(mean)), n(median), n(p95), n(longest)]),
)}
${counts.longerChosen === null ? '' : `\nThe longer response was chosen in ${percent(counts.longerChosen)} of pairs.\n`}
## How it is split

By prompt, never by row: no prompt is in two splits. Prompts that are alike (estimated Jaccard similarity of their runs of
three words 0.8 or more; system turns aside) lie on the same side: ${n(counts.alike.prompts)} prompts in ${n(counts.alike.groups)} groups,
${n(counts.alike.alike)} of them in groups of several. What an earlier dataset of the project held out, or an evaluation has asked, stays held out.

## Known limits

${limits(carded)
  .map((line) => `- ${line}`)
  .join('\n')}
`
}

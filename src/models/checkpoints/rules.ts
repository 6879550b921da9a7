/** The card of a model, made from what is known of it. */
import type { CheckpointView } from './contract.ts'

export const kindOf = ({ head }: Pick<CheckpointView, 'head'>): string =>
  head === 'lm' ? 'language model' : 'reward model'

/** How it came to be, in a few words. */
export const originOf = ({ base, facts: { algorithm } }: Pick<CheckpointView, 'base' | 'facts'>): string =>
  algorithm ? `${algorithm} on ${base}` : 'added as it is'

/** Shown in units of a thousand: `1.1M`, `134.5M`. */
export function parametersOf(count: number): string {
  const units = ['', 'k', 'M', 'B']
  const power = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), units.length - 1)
  const value = count / 1000 ** power
  return `${power === 0 ? value : value.toFixed(1)}${units[power]}`
}

/** A figure as it was measured, to four digits. */
export const figureOf = (value: number): string => Number(value.toPrecision(4)).toString()

const quoted = (text: string): string => JSON.stringify(text)

/** In the form of the Hugging Face hub: facts as YAML in front, then Markdown. Exported files are others than those that lie here. */
export function cardOf(
  model: CheckpointView,
  project: string,
  files: 'as they lie' | 'as exported' = 'as they lie',
): string {
  const { name, base, facts, parameters, bytes, hash, run, createdAt } = model
  const { licence, algorithm, measured = {}, source } = facts
  const front = [
    ...(licence ? [`license: ${quoted(licence.toLowerCase())}`] : []),
    ...(algorithm ? [`base_model: ${quoted(base)}`] : []),
    `tags: [plumbline${algorithm ? `, ${algorithm}` : ''}]`,
  ]
  const rows: [string, string][] = [
    ['Kind', kindOf(model)],
    ['Made by', originOf(model)],
    ...(source ? ([['Source', source]] as [string, string][]) : []),
    ['Licence', licence ?? 'not stated'],
    ['Parameters', `${parameters}`],
    ...((files === 'as they lie'
      ? [
          ['Size', `${bytes} bytes`],
          ['SHA-256', `\`${hash}\``],
        ]
      : [
          ['Numbers', 'float32, an adapter merged in'],
          ['Made of files with the SHA-256', `\`${hash}\``],
        ]) as [string, string][]),
    ['Project', project],
    ...(run ? ([['Run', run]] as [string, string][]) : []),
    ['Date', createdAt.slice(0, 10)],
  ]
  const cell = (text: string): string => text.replaceAll('|', '\\|')
  const table = (head: [string, string], lines: [string, string][]): string[] => [
    `| ${head[0]} | ${head[1]} |`,
    '|---|---|',
    ...lines.map(([key, value]) => `| ${cell(key)} | ${cell(value)} |`),
  ]
  const figures = Object.entries(measured).map(([key, value]): [string, string] => [key, figureOf(value)])
  return [
    '---',
    ...front,
    '---',
    `# ${name}`,
    '',
    ...table(['', ''], rows),
    ...(figures.length ? ['', '## Measured at the end of its run', '', ...table(['Figure', 'Value'], figures)] : []),
    '',
  ].join('\n')
}

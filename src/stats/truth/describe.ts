/** A result of truth inference as JSON, as rows of a file and as text for a terminal. */

import { wilson } from '../share.ts'
import type { NamedLabels } from './labels.ts'
import { tiedItems } from './majority.ts'
import { accuracyAgainst, best, type Truth } from './result.ts'

export interface WorkerSummary {
  worker: string
  labels: number
  accuracy: number
  se: number
  low: number
  high: number
}

export interface TruthSummary {
  method: string
  version: 1
  items: number
  workers: number
  labels: number
  tied: number
  accuracy?: number
  low?: number
  high?: number
  /** Items with known truth that the accuracy counts. */
  n?: number
  /** Items with known truth that nobody labelled. */
  missing?: number
  prevalence: Record<string, number>
  logLikelihood?: number
  iterations: number
  converged: boolean
  seed: number
  quality: WorkerSummary[]
}

export function describe(
  table: NamedLabels,
  result: Truth,
  { seed, truth, missing }: { seed: number; truth?: Int32Array; missing?: number },
) {
  const { classes, classNames, itemNames, workerNames } = table
  const { posterior, quality } = result
  const workers = workerNames.map((worker, w) => ({
    worker,
    labels: quality.labels[w]!,
    accuracy: quality.accuracy[w]!,
    se: quality.se[w]!,
    low: quality.low[w]!,
    high: quality.high[w]!,
  }))

  function json(): TruthSummary {
    const summary: TruthSummary = {
      method: result.method,
      version: 1,
      items: table.items,
      workers: table.workers,
      labels: table.label.length,
      tied: tiedItems(posterior, classes).length,
      prevalence: Object.fromEntries(classNames.map((name, k) => [name, result.prevalence[k]!])),
      iterations: result.iterations,
      converged: result.converged,
      seed,
      quality: workers,
    }
    if (result.logLikelihood !== undefined) summary.logLikelihood = result.logLikelihood
    if (truth) {
      summary.n = truth.reduce((sum, k) => sum + Number(k >= 0), 0)
      summary.accuracy = accuracyAgainst(posterior, classes, truth)
      ;[summary.low, summary.high] = wilson(summary.accuracy, summary.n)
      summary.missing = missing ?? 0
    }
    return summary
  }

  function itemRows(): (string | number)[][] {
    const header = ['item', 'label', 'tie', ...classNames.map((name) => `p(${name})`)]
    const rows = itemNames.map((name, i) => {
      const top = best(posterior, classes, i)
      const named = top.map((k) => classNames[k]!).join('|')
      return [name, named, top.length > 1 ? 1 : 0, ...posterior.subarray(i * classes, (i + 1) * classes)]
    })
    return [header, ...rows]
  }

  function workerRows(): (string | number)[][] {
    const rows = workers.map(({ worker, labels, accuracy, se, low, high }) => [worker, labels, accuracy, se, low, high])
    return [['worker', 'labels', 'accuracy', 'se', 'low', 'high'], ...rows]
  }

  return { json, itemRows, workerRows, text }
}

/** For people: the summary and the ten workers of lowest quality. */
function text(summary: TruthSummary): string {
  const share = (value: number) => value.toFixed(4)
  const lines = [
    `${summary.method}: ${summary.items} items, ${summary.workers} workers, ${summary.labels} labels`,
    `classes: ${Object.entries(summary.prevalence)
      .map(([name, value]) => `${name} ${share(value)}`)
      .join(', ')}`,
  ]
  if (summary.accuracy !== undefined)
    lines.push(
      `accuracy ${share(summary.accuracy)} (${share(summary.low!)} - ${share(summary.high!)}) on ${summary.n} items`,
    )
  if (summary.logLikelihood !== undefined) lines.push(`log-likelihood ${summary.logLikelihood.toFixed(3)}`)
  if (summary.tied) lines.push(`${summary.tied} items are tied`)
  const steps = `${summary.iterations} iterations`
  lines.push(summary.converged ? steps : `${steps}, not converged: read small differences with care`)
  const lowest = [...summary.quality].sort((a, b) => a.high - b.high).slice(0, 10)
  lines.push('', 'lowest quality  accuracy  95% interval      labels')
  for (const { worker, accuracy, low, high, labels } of lowest)
    lines.push(`${worker.padEnd(15)} ${share(accuracy)}    ${share(low)} - ${share(high)}   ${labels}`)
  return lines.join('\n')
}

/** What `stats bias` does: runs every test that the columns of the file allow. */
import { writeFileSync } from 'node:fs'
import { print } from '../../platform/command.ts'
import { codesOf } from '../agreement/ratings.ts'
import { changePoint } from '../bias/change-point.ts'
import { designDetector, startDrift, stepDrift } from '../bias/drift.ts'
import { featureBias } from '../bias/features.ts'
import { groupCohesion } from '../bias/groups.ts'
import { mantelHaenszel } from '../bias/mantel-haenszel.ts'
import { raterSeverity } from '../bias/severity.ts'
import { sideBias } from '../bias/sides.ts'
import { speedQuality } from '../bias/speed.ts'
import { refuse } from '../errors.ts'
import { finish } from '../resampling.ts'
import { benjaminiHochberg } from '../share.ts'
import type { BiasFlags } from './bias.ts'
import { type Columns, numberAt, parseColumns, readColumns } from './read.ts'
import { csv, decimals, method, textTable } from './show.ts'

const names = {
  worker: 'worker',
  winner: 'winner',
  length_left: 'length_left',
  length_right: 'length_right',
  feature_left: 'feature_left',
  feature_right: 'feature_right',
  seconds: 'seconds',
  correct: 'correct',
  item: 'item',
  score: 'score',
  label: 'label',
  group: 'group',
  stratum: 'stratum',
}
type Name = keyof typeof names

export interface BiasRow {
  test: string
  /** `all`, or the name of a worker or group. */
  of: string
  /** What `effect` measures. */
  measures?: string
  effect?: number
  low?: number
  high?: number
  p?: number
  /** p after Benjamini and Hochberg over the rows of the same test. */
  adjusted?: number
  n?: number
  /** Groups: the value of a group drawn at random. */
  expected?: number
  /** Change of quality: the answers before it. */
  after?: number
  undefined?: string
}

interface Answers {
  columns: Columns<Name>
  names: Record<Name, string>
  has: (...of: Name[]) => boolean
  worker: Int32Array
  workers: string[]
  number: (name: Name) => Float64Array
  seed: number
}

export async function run(file: string, flags: BiasFlags): Promise<void> {
  const { seed } = flags
  const mapped = parseColumns(flags.columns, names)
  const columns = readColumns(file, mapped, { optional: Object.keys(names) as Name[] })
  const has = (...of: Name[]) => of.every((name) => columns.values[name].length > 0)
  const { codes: worker, names: workers } = codesOf(has('worker') ? columns.values.worker : [])
  const number = (name: Name) =>
    Float64Array.from({ length: columns.length }, (_, row) => numberAt(columns, name, row, mapped[name]))
  const answers: Answers = { columns, names: mapped, has, worker, workers, number, seed }
  const rows = [sides, features, speed, quality, severity, groups, functioning].flatMap((test) => test(answers))
  if (rows.length === 0)
    refuse('The columns allow no test.', {
      where: `${file}, line 1`,
      hint: './plumbline stats bias --help lists them.',
    })
  if (flags.out)
    writeFileSync(
      flags.out,
      csv([
        ['test', 'of', 'effect', 'low', 'high', 'p', 'adjusted', 'n', 'undefined'],
        ...rows.map((row) => [
          row.test,
          row.of,
          ...[row.effect, row.low, row.high, row.p, row.adjusted, row.n, row.undefined].map((cell) => cell ?? ''),
        ]),
      ]),
    )
  print({ tests: rows, answers: columns.length, ...method('bias', seed) }, flags.json, () => table(rows))
}

/** The tests, and below them what the effect of each is. */
function table(rows: readonly BiasRow[]): string {
  const meaning = new Map<string, string>()
  for (const { test, measures } of rows) if (measures && !meaning.has(test)) meaning.set(test, measures)
  const cells = rows.map((row) =>
    row.undefined !== undefined
      ? [row.test, row.of, `undefined: ${row.undefined}`]
      : [
          row.test,
          row.of,
          ...[row.effect, row.low, row.high].map((value) => decimals(value)),
          decimals(row.p, 4),
          decimals(row.adjusted, 4),
          String(row.n ?? ''),
        ],
  )
  const legend = [...meaning].map(([test, measures]) => `${test}: ${measures}`)
  return [textTable(['test', 'of', 'effect', 'low', 'high', 'p', 'adjusted', 'n'], cells), '', ...legend].join('\n')
}

/** -1, 1 or 0 of each row's winner: left, right, tie. */
function winners({ columns, names: mapped }: Answers): Int8Array {
  const sideOf: Record<string, number> = { left: -1, right: 1, tie: 0 }
  return Int8Array.from(columns.values.winner, (winner, row) => {
    const side = sideOf[winner.toLowerCase()]
    if (side === undefined)
      refuse(`One of left, right, tie was expected, found "${winner}".`, {
        where: `${columns.file}, line ${columns.lines[row]}, column ${mapped.winner}`,
      })
    return side
  })
}

function sides(answers: Answers): BiasRow[] {
  if (!answers.has('worker', 'winner')) return []
  const found = sideBias({ worker: answers.worker, side: winners(answers), workers: answers.workers.length })
  const test = 'left side'
  const row = (of: string, own: (typeof found.workers)[number] | typeof found.pool): BiasRow => {
    if ('undefined' in own) return { test, of, undefined: own.undefined }
    const { share, ...rest } = own
    return { test, of, measures: 'share of decided votes on the left', effect: share, ...rest }
  }
  return [row('all', found.pool), ...found.workers.map((own, w) => row(answers.workers[w]!, own))]
}

function features(answers: Answers): BiasRow[] {
  if (!answers.has('worker', 'winner')) return []
  const choseLeft = Float64Array.from(winners(answers), (side) => (1 - side) / 2)
  const kinds: [string, Name, Name, string, (left: number, right: number) => number][] = [
    [
      'length',
      'length_left',
      'length_right',
      'log odds of being chosen for twice the length',
      (l, r) => Math.log2((l + 1) / (r + 1)),
    ],
    ['feature', 'feature_left', 'feature_right', 'log odds of being chosen for one more', (l, r) => l - r],
  ]
  return kinds.flatMap(([test, left, right, measures, differ]): BiasRow[] => {
    if (!answers.has(left, right)) return []
    const [lefts, rights] = [answers.number(left), answers.number(right)]
    const difference = lefts.map((value, row) => differ(value, rights[row]!))
    const found = featureBias({ worker: answers.worker, workers: answers.workers.length, choseLeft, difference })
    if ('undefined' in found) return [{ test, of: 'all', undefined: found.undefined }]
    const { slope, low, high, p, n, share } = found
    return [
      {
        test: `${test}, more chosen`,
        of: 'all',
        measures: 'share of votes for the one with more',
        effect: share.share,
        ...share,
      },
      { test, of: 'all', measures, effect: slope, low, high, p, n },
      ...found.workers.map((own, w): BiasRow => {
        const of = answers.workers[w]!
        if ('undefined' in own) return { test, of, undefined: own.undefined }
        return { test, of, measures: `${measures}; p: differs from the pool`, effect: own.slope, ...own }
      }),
    ]
  })
}

function speed(answers: Answers): BiasRow[] {
  if (!answers.has('worker', 'seconds', 'correct')) return []
  const { worker, workers } = answers
  const found = speedQuality({
    worker,
    workers: workers.length,
    seconds: answers.number('seconds'),
    right: corrects(answers),
  })
  const test = 'speed and quality'
  const row = (of: string, own: (typeof found.workers)[number] | typeof found.pool): BiasRow => {
    if ('undefined' in own) return { test, of, undefined: own.undefined }
    const { slowerWhenRight, low, high, p, n } = own
    const adjusted = 'adjusted' in own ? { adjusted: own.adjusted } : {}
    return {
      test,
      of,
      measures: 'chance that a right answer took longer than a wrong one',
      effect: slowerWhenRight,
      low,
      high,
      p,
      ...adjusted,
      n,
    }
  }
  return [row('all', found.pool), ...found.workers.map((own, w) => row(workers[w]!, own))]
}

function corrects({ columns, names: mapped, number }: Answers): Float64Array {
  const right = number('correct')
  for (const [row, value] of right.entries())
    if (value !== 0 && value !== 1)
      refuse(`1 (right) or 0 (wrong) was expected, found ${value}.`, {
        where: `${columns.file}, line ${columns.lines[row]}, column ${mapped.correct}`,
      })
  return right
}

/** Change point of the answers of all and of each worker, and alarms of a CUSUM against the rate of all. */
function quality(answers: Answers): BiasRow[] {
  if (!answers.has('worker', 'correct')) return []
  const { worker, workers, seed } = answers
  const right = corrects(answers)
  const series = [Array.from(right), ...workers.map(() => [] as number[])]
  for (const [row, w] of worker.entries()) series[w + 1]!.push(right[row]!)
  const of = ['all', ...workers]
  // About a hundred million steps at most for one series, however long it is.
  const points = series.map((own) =>
    changePoint(own, { seed, permutations: Math.max(99, Math.min(999, Math.floor(1e8 / own.length))) }),
  )
  const adjusted = benjaminiHochberg(points.flatMap((own) => ('p' in own ? [own.p] : [])))
  let next = 0
  const changes = points.map((own, s): BiasRow => {
    const test = 'change of quality'
    if ('undefined' in own) return { test, of: of[s]!, undefined: own.undefined }
    return {
      test,
      of: of[s]!,
      measures: 'change of the share of right answers at the likeliest place',
      after: own.after,
      effect: own.since - own.before,
      p: own.p,
      adjusted: adjusted[next++]!,
      n: own.n,
    }
  })
  const usual = right.reduce((sum, own) => sum + own, 0) / right.length
  const design = { usual, worse: Math.max(usual - 0.15, usual / 2), batch: 1, concentration: Number.POSITIVE_INFINITY }
  const detector = designDetector('cusum', design, { falseAlarmsPer1000: 0.5, seed })
  const drifts = series.map((own, s): BiasRow => {
    const test = 'drift alarms'
    if ('undefined' in detector) return { test, of: of[s]!, undefined: detector.undefined }
    let state = startDrift(detector)
    for (const hit of own) state = stepDrift(detector, state, hit, 1)
    const stated = detector.falseAlarmsPer1000.toFixed(2)
    return {
      test,
      of: of[s]!,
      measures: `alarms of a fall from ${usual.toFixed(2)} (${stated} false ones per 1,000 answers)`,
      effect: state.alarms,
      n: own.length,
    }
  })
  return [...changes, ...drifts]
}

function severity(answers: Answers): BiasRow[] {
  if (!answers.has('worker', 'item', 'score')) return []
  const { codes: item, names: items } = codesOf(answers.columns.values.item)
  const { worker, workers } = answers
  const test = 'severity'
  const found = raterSeverity({
    items: items.length,
    raters: workers.length,
    item,
    rater: worker,
    value: answers.number('score'),
  })
  if ('undefined' in found) return [{ test, of: 'all', undefined: found.undefined }]
  return found.raters.map((own, w): BiasRow => {
    const of = workers[w]!
    if ('undefined' in own) return { test, of, undefined: own.undefined }
    const { severity: effect, low, high, p, adjusted, n } = own
    return { test, of, measures: 'points above the mean worker on the same items', effect, low, high, p, adjusted, n }
  })
}

function groups(answers: Answers): BiasRow[] {
  if (!answers.has('worker', 'item', 'label', 'group')) return []
  const { values, lines, file } = answers.columns
  const { worker, workers, seed } = answers
  const { codes: item, names: items } = codesOf(values.item)
  const { codes: category, names: categories } = codesOf(values.label)
  const { codes: own, names: groupNames } = codesOf(values.group)
  const group = new Int32Array(workers.length).fill(-1)
  for (const [row, g] of own.entries()) {
    const before = group[worker[row]!]!
    if (before >= 0 && before !== g)
      refuse(`Worker ${workers[worker[row]!]} is in group ${groupNames[before]} and in group ${groupNames[g]}.`, {
        where: `${file}, line ${lines[row]}, column ${answers.names.group}`,
      })
    group[worker[row]!] = g
  }
  const found = finish(
    groupCohesion(
      {
        items: items.length,
        raters: workers.length,
        categories: categories.length,
        item,
        rater: worker,
        category,
        group,
        groups: groupNames.length,
      },
      { seed },
    ),
  )
  return found.flatMap((cohesion, g): BiasRow[] => {
    const of = groupNames[g]!
    if ('undefined' in cohesion) return [{ test: 'group', of, undefined: cohesion.undefined }]
    const parts = [
      ['group, with itself', cohesion.inGroup],
      ['group, with others', cohesion.crossGroup],
      ['group, association', cohesion.association],
    ] as const
    return parts.flatMap(([test, part]) =>
      part
        ? [
            {
              test,
              of,
              measures: 'reliability beyond chance (association: in-group over cross-group)',
              expected: part.expected,
              effect: part.value,
              p: part.p,
              adjusted: part.adjusted,
              n: cohesion.items,
            },
          ]
        : [],
    )
  })
}

function functioning(answers: Answers): BiasRow[] {
  const outcome: Name = answers.has('correct') ? 'correct' : 'label'
  const by: Name = answers.has('stratum') ? 'stratum' : 'item'
  if (!answers.has('group', outcome, by)) return []
  const { values } = answers.columns
  const group = codesOf(values.group)
  const answer = codesOf(values[outcome])
  const kinds = [...answer.names].sort()
  if (group.names.length !== 2 || kinds.length !== 2) return []
  const yes = answer.codes.map((code) => (answer.names[code] === kinds[1] ? 1 : 0))
  const found = mantelHaenszel(group.codes, yes, codesOf(values[by]).codes)
  const test = 'differential functioning'
  const of = `${group.names[1]} against ${group.names[0]}`
  if ('undefined' in found) return [{ test, of, undefined: found.undefined }]
  const { oddsRatio: effect, low, high, p, n, size } = found
  return [{ test, of, measures: `odds ratio of ${kinds[1]} among equals, size ${size}`, effect, low, high, p, n }]
}

/**
 * Live statistics of one question: after every answer the counts, alpha, gold, sides, truth inference, drift and scores of
 * models are up to date, in microseconds.
 *
 * Two kinds of state. Counts do not depend on order: a withdrawal subtracts. The local step of truth inference, the drift
 * detector and the online scores do: after a withdrawal they are replayed from the last snapshot before it, when they are next
 * read (many withdrawals cost one replay). `batch` computes truth and scores anew from the answers in force: what it gives
 * depends on nothing else, so that a state kept live and one rebuilt from the log are then the same.
 *
 * An edit is a withdrawal and a new answer, as in the record. Positions count answers from 0 and never change.
 */
import { type Detector, type DriftState, startDrift, stepDrift } from '../bias/drift.ts'
import { refuse } from '../errors.ts'
import { bradleyTerryOfPairs } from '../preference/bradley-terry.ts'
import { onlineUpdate } from '../preference/online.ts'
import { type Outcome, pairCounts } from '../preference/votes.ts'
import { ibcc } from '../truth/ibcc.ts'
import { labelTable } from '../truth/labels.ts'
import { type Column, float64, fromBytes, int8, int32, Names, toBytes } from './columns.ts'
import { type Counted, createCounts } from './counts.ts'
import { createCrowd } from './crowd.ts'

export interface LiveAnswer {
  item: string
  worker: string
  /** Class, from 0. */
  label: number
  /** The known class of a gold item. */
  gold?: number
  /** Side of the screen that was chosen. */
  side?: 'left' | 'right'
  /** Which models were compared, and which won. */
  pair?: { left: string; right: string; outcome: Outcome }
}

export interface LiveOptions {
  classes: number
  /** Watches each worker's gold answers; made by `designDetector`. */
  detector?: Detector
  /** Answers between two snapshots of what depends on order. */
  snapshotEvery?: number
}

export type Live = ReturnType<typeof createLive>

/** The plain part of a saved state; the last snapshot is the state itself. */
interface Saved {
  classes: number
  items: readonly string[]
  workers: readonly string[]
  models: readonly string[]
  snapshots: { position: number; drift: DriftState[] }[]
}

/** Beyond these, every second snapshot is given up. */
const snapshotLimit = 8
const onlineVariance = 2.25
/** Wins and losses against a stand-in that the batch fit of scores gives every model. */
const scorePrior = 0.5

/** What depends on order, holding the answers before `position`; columns by the names of `ordered` below. */
interface Snapshot {
  position: number
  columns: Record<string, Int8Array | Float64Array>
  drift: DriftState[]
}

export function createLive({ classes, detector, snapshotEvery = 50_000 }: LiveOptions) {
  const items = new Names()
  const workers = new Names()
  const models = new Names()
  const log = {
    item: int32(),
    worker: int32(),
    label: int32(),
    gold: int32(),
    side: int8(),
    left: int32(),
    right: int32(),
    outcome: int8(),
    inForce: int8(),
  }
  /** Chain of answers on one item, newest first: position of the one before, -1 at the end. */
  const previous = int32()
  const newest = int32(-1)
  const counts = createCounts(classes)
  const crowd = createCrowd(classes)
  const scores = { mean: float64(), variance: float64(onlineVariance) }
  let drift: DriftState[] = []
  /** The columns of what depends on order. */
  const ordered: Record<string, Column<Int8Array> | Column<Float64Array>> = {
    posterior: crowd.posterior,
    known: crowd.known,
    counts: crowd.counts,
    totals: crowd.totals,
    nu: crowd.nu,
    mean: scores.mean,
    variance: scores.variance,
  }
  let snapshots: Snapshot[] = [snapshot()]
  /** First position that the ordered state has not seen, or has seen otherwise than it now is. */
  let seen = 0
  const earlier: number[] = []

  const countedAt = (n: number): Counted => ({
    item: log.item.values[n]!,
    worker: log.worker.values[n]!,
    label: log.label.values[n]!,
    gold: log.gold.values[n]!,
    side: log.side.values[n]!,
  })

  /** Takes an answer in; returns its position. Throws `bad_input` on a class outside the range. */
  function apply(answer: LiveAnswer): number {
    const { label, gold = -1, side, pair } = answer
    if (!(Number.isInteger(label) && label >= 0 && label < classes) || gold >= classes)
      refuse(`A class is a whole number from 0 to ${classes - 1}.`, { where: 'label' })
    catchUp()
    const item = items.number(answer.item)
    const worker = workers.number(answer.worker)
    const n = log.item.length
    log.item.push(item)
    log.worker.push(worker)
    log.label.push(label)
    log.gold.push(gold)
    log.side.push(side === undefined ? -1 : Number(side === 'right'))
    log.left.push(pair ? models.number(pair.left) : -1)
    log.right.push(pair ? models.number(pair.right) : -1)
    log.outcome.push(pair ? pair.outcome : -1)
    log.inForce.push(1)
    newest.reach(item + 1)
    previous.push(newest.values[item]!)
    newest.values[item] = n
    counts.count(countedAt(n), 1)
    if (n > 0 && n % snapshotEvery === 0) addSnapshot({ ...snapshot(), position: n })
    follow(n)
    seen = n + 1
    return n
  }

  /** Takes an answer back. Throws `bad_input` where there is none, or it was taken back before. */
  function withdraw(position: number): void {
    if (log.inForce.values[position] !== 1 || position >= log.inForce.length)
      refuse('There is no answer in force at this position.', { where: `position ${position}` })
    log.inForce.values[position] = 0
    counts.count(countedAt(position), -1)
    seen = Math.min(seen, position)
  }

  /** What depends on order takes the answer at `n` in. */
  function follow(n: number): void {
    const { item, worker, label, gold } = countedAt(n)
    crowd.reachItem(item)
    crowd.reachWorker(worker)
    reachModels()
    while (drift.length < workers.list.length && detector) drift.push(startDrift(detector))
    if (!log.inForce.values[n]) return
    earlier.length = 0
    for (let m = previous.values[n]!; m >= 0; m = previous.values[m]!)
      if (log.inForce.values[m]) earlier.push(log.worker.values[m]!, log.label.values[m]!)
    crowd.step(item, worker, label, earlier)
    if (detector && gold >= 0) drift[worker] = stepDrift(detector, drift[worker]!, Number(gold === label), 1)
    if (log.left.values[n]! >= 0)
      onlineUpdate(
        { mean: scores.mean.values, variance: scores.variance.values },
        log.left.values[n]!,
        log.right.values[n]!,
        log.outcome.values[n] as Outcome,
      )
  }

  function reachModels(): void {
    scores.mean.reach(models.list.length)
    scores.variance.reach(models.list.length)
  }

  /** Replays after a withdrawal. */
  function catchUp(): void {
    if (seen === log.item.length) return
    snapshots = snapshots.filter(({ position }) => position <= seen)
    const from = snapshots.at(-1)!
    putBack(from)
    for (let n = from.position; n < log.item.length; n++) follow(n)
    seen = log.item.length
  }

  function snapshot(): Snapshot {
    const columns: Snapshot['columns'] = {}
    for (const [name, column] of Object.entries(ordered)) columns[name] = column.copy()
    return { position: log.item.length, columns, drift: drift.slice() }
  }

  function putBack(from: Snapshot): void {
    for (const [name, column] of Object.entries(ordered)) column.set(from.columns[name] as never)
    drift = from.drift.slice()
  }

  function addSnapshot(taken: Snapshot): void {
    snapshots = [...snapshots.filter(({ position }) => position < taken.position), taken]
    if (snapshots.length > snapshotLimit)
      snapshots = snapshots.filter((_, n) => n % 2 === 0 || n === snapshots.length - 1)
  }

  /** Truth and scores from the answers in force, whatever happened before. */
  function batch(): void {
    catchUp()
    const inForce: number[] = []
    for (let n = 0; n < log.item.length; n++) if (log.inForce.values[n]) inForce.push(n)
    const column = (values: ArrayLike<number>) => Int32Array.from(inForce, (n) => values[n]!)
    // an item whose answers were all withdrawn must not count among the classes' shares
    const place = new Int32Array(items.list.length).fill(-1)
    const answered: number[] = []
    for (let i = 0; i < place.length; i++) if (counts.onItem.values[i]! > 0) place[i] = answered.push(i) - 1
    const sizes = { items: answered.length, workers: workers.list.length, classes }
    const table = labelTable(
      Int32Array.from(inForce, (n) => place[log.item.values[n]!]!),
      column(log.worker.values),
      column(log.label.values),
      sizes,
    )
    const { posterior } = ibcc(table)
    const batch = new Float64Array(place.length * classes)
    const known = new Int8Array(place.length)
    answered.forEach((item, i) => {
      batch.set(posterior.subarray(i * classes, (i + 1) * classes), item * classes)
      known[item] = 1
    })
    crowd.replace(
      batch,
      known,
      inForce.map((n) => [log.item.values[n]!, log.worker.values[n]!, log.label.values[n]!] as const),
    )
    const votes = inForce.filter((n) => log.left.values[n]! >= 0)
    const at = (values: ArrayLike<number>) => Int32Array.from(votes, (n) => values[n]!)
    const pairs = pairCounts({
      items: models.list.length,
      left: at(log.left.values),
      right: at(log.right.values),
      outcome: Int8Array.from(at(log.outcome.values)),
    })
    const fit = bradleyTerryOfPairs(pairs, { prior: scorePrior })
    scores.mean.set(fit.score)
    // a model without votes is as unknown as at the start
    scores.variance.set(fit.se.map((se) => (se > 0 ? Math.min(se * se, onlineVariance) : onlineVariance)))
    // what is replayed after this pass starts from it; a withdrawal from before it, from an earlier snapshot
    addSnapshot(snapshot())
  }

  function itemState(name: string) {
    catchUp()
    const item = items.find(name)
    if (item === undefined) return undefined
    const row = (values: Int32Array | Float64Array) => Array.from(values.subarray(item * classes, (item + 1) * classes))
    return {
      answers: counts.onItem.values[item]!,
      votes: row(counts.ofItem.values),
      posterior: row(crowd.posterior.values),
    }
  }

  function workerState(name: string) {
    catchUp()
    const w = workers.find(name)
    if (w === undefined) return undefined
    const { answers, asked, right, left, decided } = counts.byWorker
    const prevalence = crowd.nu.copy()
    const all = prevalence.reduce((a, b) => a + b, 0)
    let accuracy = 0
    for (let k = 0; k < classes; k++)
      accuracy +=
        (prevalence[k]! / all) *
        (crowd.counts.values[(w * classes + k) * classes + k]! / crowd.totals.values[w * classes + k]!)
    return {
      answers: answers.values[w]!,
      gold: { asked: asked.values[w]!, right: right.values[w]! },
      sides: { left: left.values[w]!, decided: decided.values[w]! },
      accuracy,
      drift: drift[w],
    }
  }

  /** Models with their running score and its standard error, highest first. */
  function leaderboard(): { model: string; score: number; se: number }[] {
    catchUp()
    return models.list
      .map((model, m) => ({ model, score: scores.mean.values[m]!, se: Math.sqrt(scores.variance.values[m]!) }))
      .sort((a, b) => b.score - a.score)
  }

  /** The whole state as bytes, for a snapshot in the database. */
  function save(): Uint8Array {
    catchUp()
    const arrays: Record<string, Int32Array | Int8Array | Float64Array> = {}
    for (const [name, column] of Object.entries(log)) arrays[`log.${name}`] = column.copy()
    const kept = [...snapshots, snapshot()]
    kept.forEach(({ columns }, s) => {
      for (const [name, values] of Object.entries(columns)) arrays[`${s}.${name}`] = values
    })
    const plain: Saved = {
      classes,
      items: items.list,
      workers: workers.list,
      models: models.list,
      snapshots: kept.map(({ position, drift: states }) => ({ position, drift: states })),
    }
    return toBytes(plain, arrays)
  }

  function load(bytes: Uint8Array): void {
    const { plain, arrays } = fromBytes(bytes)
    const saved = plain as Saved
    if (saved.classes !== classes) refuse(`The saved state has ${saved.classes} classes, not ${classes}.`)
    for (const name of saved.items) items.number(name)
    for (const name of saved.workers) workers.number(name)
    for (const name of saved.models) models.number(name)
    for (const [name, column] of Object.entries(log)) column.set(arrays[`log.${name}`] as never)
    for (let n = 0; n < log.item.length; n++) {
      const item = log.item.values[n]!
      newest.reach(item + 1)
      previous.push(newest.values[item]!)
      newest.values[item] = n
      const counted = countedAt(n)
      counts.count(counted, 1)
      if (!log.inForce.values[n]) counts.count(counted, -1)
    }
    const taken = saved.snapshots.map(({ position, drift: states }, s) => {
      const columns: Snapshot['columns'] = {}
      for (const name of Object.keys(ordered)) columns[name] = arrays[`${s}.${name}`] as Int8Array | Float64Array
      return { position, columns, drift: states }
    })
    putBack(taken.at(-1)!)
    snapshots = taken.slice(0, -1)
    seen = log.item.length
  }

  return {
    apply,
    withdraw,
    batch,
    item: itemState,
    worker: workerState,
    leaderboard,
    alpha: counts.alpha,
    save,
    load,
    /** Answers taken in so far, withdrawn ones included: the position in the log. */
    position: () => log.item.length,
  }
}

/** A state from saved bytes. */
export function restoreLive(options: LiveOptions, bytes: Uint8Array): Live {
  const live = createLive(options)
  live.load(bytes)
  return live
}

/**
 * The annotator's session, without a browser: the task at hand and the next one fetched ahead, drafts, answers on their
 * way, undo. The next task is shown before the last answer has left, and an undone one before the server knows of it.
 */
import type { ContractRouterClient } from '@orpc/contract'
import type { Problem } from '../../platform/errors.ts'
import { problemOf } from '../../web/problem.ts'
import type { tasks, Work } from '../tasks/contract.ts'
import type { Answer } from '../templates/rules.ts'
import { ActiveTime } from './active-time.ts'
import { givenOf } from './asked.ts'
import { type Draft, DraftShelf, Outbox, type Outgoing, type Shelf, type Worked } from './outbox.ts'
import { mayPass, type SendApi, Sender } from './sender.ts'

export type SessionApi = SendApi &
  Pick<ContractRouterClient<typeof tasks>, 'claim' | 'held' | 'draft' | 'renew' | 'skip' | 'flag'>

interface SessionOptions {
  project: string
  person: string
  api: SessionApi
  shelf: Shelf
  /** Epoch milliseconds. */
  now: () => number
  newKey: () => string
  /** The server counts one answer more or less. */
  onCount?: (by: 1 | -1, activeMs: number) => void
}

export interface SessionView {
  /** undefined: not known yet; null: nothing to do. */
  work: Work | null | undefined
  /** Why there is nothing to do. */
  reason: 'empty' | 'daily-cap'
  answers: Answer[]
  /** The last answer that has arrived since the page was opened, until it is taken back. */
  sent: Outgoing | undefined
  /** Until when the last answer can be undone, in epoch milliseconds. */
  undoUntil: number | undefined
  /** Answers that were tried to be sent, and wait for the server. */
  waiting: number
  /** How many answers more the person has given than the server has counted; negative after undoing. */
  uncounted: number
  /** Answers that the server will not take, with the reason. */
  refused: Outgoing[]
  /** The server did not answer the last question. */
  offline: boolean
  problem: Problem | undefined
}

/** Tasks held at once: the one at hand and the next. */
const ahead = 2
const undoMs = 10_000
const saveDraftMs = 1000
const retryMs = 3000
const lookAgainMs = 20_000
/** How soon somebody at work learns of an answer that a reviewer returned. */
const askHeldMs = 60_000
/** A task that nobody has looked at for so long goes back to the queue when its lease ends. */
const abandonedMs = 15 * 60_000

const renewMs = { least: 5_000, most: 60_000 }

/** When to renew a lease: after a third of it, so that two attempts may fail. The clocks need not agree. */
const dueAfter = (leaseUntil: string, now: number): number =>
  now + Math.min(renewMs.most, Math.max(renewMs.least, (Date.parse(leaseUntil) - now) / 3))

/** What an answer on its way adds to the server's count once it has arrived, or been withdrawn. */
const uncounted = ({ refused, undone, submission, replaces }: Outgoing): number =>
  refused ? 0 : undone ? (submission ? -1 : 0) : replaces?.submission ? 0 : 1

export class Session {
  private readonly options: SessionOptions
  private readonly outbox: Outbox
  private readonly drafts: DraftShelf
  private readonly sender: Sender
  private readonly listeners = new Set<() => void>()
  private readonly draftOf = new Map<string, Draft>()
  private readonly renewAt = new Map<string, number>()
  private held: Work[] | undefined
  private hand: string | undefined
  private last: { outgoing: Outgoing; until: number } | undefined
  private sent: Outgoing | undefined
  private problem: Problem | undefined
  private offline = false
  private reason: SessionView['reason'] = 'empty'
  private time: ActiveTime
  private openedAt = ''
  private dirtySince: number | undefined
  private filling = false
  /** The server has said since the last answer that it has nothing more. */
  private isEmpty = false
  /** How often the server was asked what is held, and after which question a task was done with: see `isDone`. */
  private questions = 0
  private readonly doneAfter = new Map<string, number>()
  private lookedAt = 0
  private askedAt = 0
  private touchedAt: number
  private current: SessionView

  constructor(options: SessionOptions) {
    this.options = options
    this.outbox = new Outbox(options.shelf, options.person)
    this.drafts = new DraftShelf(options.shelf)
    this.sender = new Sender(options.api, this.outbox, {
      onSent: (outgoing) => {
        this.drafts.remove(outgoing.work.assignment.id)
        this.doneAfter.set(outgoing.work.assignment.id, this.questions)
        if (this.last?.outgoing.key === outgoing.key) this.last.outgoing = outgoing
        this.sent = outgoing
        this.reached()
        void this.fill()
      },
      onWithdrawn: (work) => {
        this.held = this.held?.map((one) => (one.assignment.id === work.assignment.id ? work : one))
        this.reached()
      },
      onCount: (by, { activeMs }) => options.onCount?.(by, activeMs),
      onFault: (error, outgoing) => {
        if (outgoing.undone && !mayPass(error)) this.drop(outgoing.work.assignment.id)
        this.failed(error, !outgoing.undone && !mayPass(error))
      },
    })
    this.touchedAt = options.now()
    this.time = new ActiveTime(this.touchedAt)
    this.current = this.compute()
  }

  view = (): SessionView => this.current

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Finds what is held already, or was left on its way; then fetches what is missing. Also the way to try again. */
  async start(): Promise<void> {
    this.problem = undefined
    await this.look()
  }

  /** Asks anew what is held: a reviewer may have returned an answer. */
  private async look(): Promise<void> {
    this.lookedAt = this.askedAt = this.options.now()
    await this.sender.flush()
    try {
      const question = ++this.questions
      const { rows } = await this.options.api.held({ project: this.options.project })
      const mine = this.outbox.list().filter(({ work }) => work.project.id === this.options.project)
      const busy = new Set(mine.map(({ work }) => work.assignment.id))
      const undone = mine.filter(({ undone }) => undone).map(({ work }) => work)
      const found = [...undone, ...rows.filter(({ assignment: { id } }) => !busy.has(id) && !this.isDone(id, question))]
      // The network comes and goes while somebody works: the task at hand stays, or its answer would be sent for another.
      const known = this.held ?? []
      const isKnown = ({ assignment: { id } }: Work) => known.some((one) => one.assignment.id === id)
      const fresh = found.filter((one) => !isKnown(one))
      // What this browser knows of an answer that has come back is older than the draft that came with it.
      for (const { assignment } of fresh) this.draftOf.delete(assignment.id)
      this.held = [...known.slice(0, 1), ...fresh, ...known.slice(1)]
      this.reached()
    } catch (error) {
      this.failed(error)
    }
    await this.fill()
  }

  /** Something was done on the page, or the page was shown or hidden. */
  touch(visible = true): void {
    this.touchedAt = this.options.now()
    this.time.setVisible(this.touchedAt, visible)
    if (!visible) this.saveTime()
  }

  /** Called about once a second: saves drafts, tries again, renews leases, ends the time to undo. */
  tick(): void {
    const now = this.options.now()
    if (this.last && now >= this.last.until) {
      this.last = undefined
      this.changed()
    }
    if (this.dirtySince !== undefined && now - this.dirtySince >= saveDraftMs) this.saveDraft()
    const wanted = this.outbox.list().some(({ refused }) => !refused) || this.offline
    if (wanted && this.held?.length && now - this.lookedAt >= retryMs) {
      this.lookedAt = now
      void this.sender.flush().then(() => this.fill())
    }
    const askAfter = this.held?.length ? askHeldMs : wanted ? retryMs : lookAgainMs
    if (now - this.askedAt >= askAfter) void (this.held ? this.look() : this.start())
    if (now - this.touchedAt < abandonedMs) this.renewLeases(now)
  }

  answer(answer: Answer): void {
    const { work, answers } = this.current
    if (!work) return
    const isSame = (one: Answer) => one.step === answer.step && (one.on ?? 0) === (answer.on ?? 0)
    this.keep(work, [...answers.filter((one) => !isSame(one)), answer])
    this.saveTime()
    this.dirtySince ??= this.options.now()
    this.changed()
  }

  submit(): void {
    const { work } = this.current
    if (!work) return
    const { now, newKey } = this.options
    const id = work.assignment.id
    const before = this.outbox.find(id)
    const outgoing: Outgoing = {
      work,
      key: newKey(),
      answers: givenOf(work, this.current.answers),
      revision: this.newest(work).revision,
      ...this.worked(),
      replaces: before?.undone
        ? { key: before.key, answers: before.answers, submission: before.submission }
        : undefined,
    }
    this.outbox.put(outgoing)
    this.last = { outgoing, until: now() + undoMs }
    this.dirtySince = undefined
    this.problem = undefined
    this.drop(id)
    void this.sender.send(id)
    void this.fill()
  }

  /** Takes the last answer back, whether it has arrived or not; the task is at hand again with what was said. */
  undo(): void {
    if (!this.last || this.last.until <= this.options.now()) return
    const { outgoing } = this.last
    const { work } = outgoing
    if (this.outbox.find(work.assignment.id)?.refused) return
    this.last = undefined
    this.sent = undefined
    this.outbox.put({ ...outgoing, undone: true })
    this.drafts.writeWorked(work.assignment.id, outgoing)
    this.keep(work, this.newest(work).answers)
    this.held = [work, ...(this.held ?? []).filter((one) => one.assignment.id !== work.assignment.id)]
    this.changed()
    void this.sender.send(work.assignment.id)
  }

  /** Throws what the server said; the task stays at hand then. */
  async skip(reason: string): Promise<void> {
    const { work } = this.current
    if (!work) return
    const id = work.assignment.id
    if (this.outbox.find(id)) await this.sender.send(id)
    await this.options.api.skip({ assignment: id, reason })
    this.doneAfter.set(id, this.questions)
    this.drafts.remove(id)
    this.dirtySince = undefined
    this.drop(id)
    await this.fill()
  }

  async flag(reason: string): Promise<void> {
    const { work } = this.current
    if (work) await this.options.api.flag({ assignment: work.assignment.id, reason })
  }

  /** The person has read why it was refused. */
  forget(assignment: string): void {
    this.outbox.remove(assignment)
    this.drafts.remove(assignment)
    this.changed()
  }

  /** Brings the draft to the server, for another machine; it may fail, this browser has it. */
  saveDraft(): void {
    const { work } = this.current
    if (!work || this.dirtySince === undefined) return
    this.dirtySince = undefined
    const { answers, revision } = this.newest(work)
    this.options.api.draft({ assignment: work.assignment.id, draft: answers, revision }).catch(() => {})
  }

  private newest(work: Work): Draft {
    const known = this.draftOf.get(work.assignment.id)
    if (known) return known
    const found = this.drafts.newest(work)
    this.draftOf.set(work.assignment.id, found)
    return found
  }

  private keep(work: Work, answers: Answer[]): void {
    const draft = { answers, revision: this.newest(work).revision + 1 }
    this.draftOf.set(work.assignment.id, draft)
    this.drafts.write(work.assignment.id, draft)
  }

  private worked(): Worked {
    return { activeMs: Math.round(this.time.read(this.options.now())), openedAt: this.openedAt }
  }

  /** For a reload, and for another task that comes in between: the time of the one at hand goes on after it. */
  private saveTime(): void {
    const { hand } = this
    if (hand && this.held?.some(({ assignment }) => assignment.id === hand))
      this.drafts.writeWorked(hand, this.worked())
  }

  private async fill(): Promise<void> {
    if (this.filling || !this.held) return
    this.filling = true
    try {
      while (this.held.length < ahead) {
        const question = ++this.questions
        const claimed = await this.options.api.claim({ project: this.options.project })
        this.isEmpty = !claimed.assignment
        if (!claimed.assignment) {
          this.reason = claimed.reason
          break
        }
        const { id } = claimed.assignment
        // The server hands a task again to whoever holds too many. Where the answer to it is on its way, or has arrived
        // while the server spoke, it is asked again after that; what it would not take stays with it.
        if (this.isDone(id, question)) continue
        const outgoing = this.outbox.find(id)
        this.isEmpty = outgoing?.refused !== undefined
        if (outgoing || this.held.some((one) => one.assignment.id === id)) break
        this.held = [...this.held, claimed]
        this.changed()
      }
      this.reached()
    } catch (error) {
      this.failed(error)
    } finally {
      this.filling = false
      this.changed()
    }
  }

  /** Its answer arrived, or it was skipped, while the server spoke: what that says of it may be older. */
  private isDone(assignment: string, question: number): boolean {
    return (this.doneAfter.get(assignment) ?? 0) >= question
  }

  private renewLeases(now: number): void {
    for (const { assignment, returned } of this.held ?? []) {
      const { id, leaseUntil } = assignment
      // What a reviewer returned is held without a lease.
      if (returned !== null) continue
      const due = this.renewAt.get(id)
      if (due === undefined) this.renewAt.set(id, dueAfter(leaseUntil, now))
      if (due === undefined || now < due || this.outbox.find(id)) continue
      this.renewAt.set(id, now + renewMs.least)
      this.options.api.renew({ assignment: id }).then(
        ({ leaseUntil }) => this.renewAt.set(id, dueAfter(leaseUntil, now)),
        (error: unknown) => {
          // Someone else may have it by now. An answer that was begun stays: it is taken where nobody has answered.
          if (problemOf(error).code !== 'lease_lost' || this.draftOf.get(id)?.answers.length) return
          this.drop(id)
          void this.fill()
        },
      )
    }
  }

  private drop(id: string): void {
    this.held = this.held?.filter((one) => one.assignment.id !== id)
    this.isEmpty = false
    this.renewAt.delete(id)
    this.changed()
  }

  private reached(): void {
    this.offline = false
    if (this.problem && mayPass(this.problem)) this.problem = undefined
    this.changed()
  }

  private failed(error: unknown, hasPlace = false): void {
    const problem = problemOf(error)
    this.offline = problem.code === 'offline'
    if (!this.offline && !hasPlace) this.problem = problem
    this.changed()
  }

  private changed(): void {
    const next = this.held?.[0]?.assignment.id
    if (next !== this.hand) {
      this.saveTime()
      this.hand = next
      const now = this.options.now()
      const before = next ? this.drafts.worked(next) : undefined
      this.time = new ActiveTime(now, before?.activeMs)
      this.openedAt = before?.openedAt ?? new Date(now).toISOString()
    }
    this.current = this.compute()
    for (const listener of this.listeners) listener()
  }

  private compute(): SessionView {
    const work = this.held?.[0] ?? (this.isEmpty ? null : undefined)
    const out = this.outbox.list()
    const mine = out.filter(({ work }) => work.project.id === this.options.project)
    return {
      work,
      reason: this.reason,
      answers: work ? this.newest(work).answers : [],
      sent: this.sent,
      undoUntil: this.last?.until,
      waiting: out.filter(({ tried, undone, refused }) => tried && !undone && !refused).length,
      uncounted: mine.reduce((sum, outgoing) => sum + uncounted(outgoing), 0),
      refused: mine.filter(({ refused }) => refused),
      offline: this.offline,
      problem: this.problem,
    }
  }
}

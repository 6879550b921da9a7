/**
 * Brings what lies in the outbox to the server: answers, and withdrawals of those that were taken back. One task after
 * the other in order; what is on its way is never sent twice at a time, and what fails for a while is tried again.
 */
import type { ContractRouterClient } from '@orpc/contract'
import { problemOf } from '../../web/problem.ts'
import type { tasks, Work } from '../tasks/contract.ts'
import type { Outbox, Outgoing, Sent } from './outbox.ts'

export type SendApi = Pick<ContractRouterClient<typeof tasks>, 'submit' | 'withdraw'>

/** What may pass: the answer stays in the outbox and is tried again. Anything else is the server's last word. */
const passing = new Set(['offline', 'unavailable', 'internal', 'not_signed_in', 'too_many_requests'])
export const mayPass = (error: unknown): boolean => passing.has(problemOf(error).code)

interface SenderEvents {
  /** The server has it. */
  onSent(outgoing: Outgoing): void
  /** It was taken back at the server; the task is held again. */
  onWithdrawn(work: Work): void
  onFault(error: unknown, outgoing: Outgoing): void
  /** The server counts one answer more, or one less that was known to be counted. */
  onCount(by: 1 | -1, outgoing: Outgoing): void
}

export class Sender {
  private readonly api: SendApi
  private readonly outbox: Outbox
  private readonly events: SenderEvents
  private readonly flying = new Map<string, Promise<void>>()

  constructor(api: SendApi, outbox: Outbox, events: SenderEvents) {
    this.api = api
    this.outbox = outbox
    this.events = events
  }

  /** Sends what the outbox holds of a task, after whatever of it is on its way. Never throws. */
  send(assignment: string): Promise<void> {
    const before = this.flying.get(assignment) ?? Promise.resolve()
    const sending = before.then(() => this.once(assignment))
    this.flying.set(assignment, sending)
    return sending.finally(() => {
      if (this.flying.get(assignment) === sending) this.flying.delete(assignment)
    })
  }

  /** Tries everything that waits, the oldest first. */
  async flush(): Promise<void> {
    for (const { work, refused } of this.outbox.list()) if (!refused) await this.send(work.assignment.id)
  }

  private async once(assignment: string): Promise<void> {
    const outgoing = this.outbox.find(assignment)
    if (!outgoing || outgoing.refused) return
    try {
      if (outgoing.replaces) {
        await this.takeBack(outgoing, outgoing.replaces)
        this.outbox.change(assignment, { replaces: undefined })
      }
      if (outgoing.undone) {
        const work = await this.takeBack(outgoing, outgoing)
        if (this.isStill(outgoing)) this.outbox.remove(assignment)
        this.events.onWithdrawn(work)
        return
      }
      const submission = await this.submit(outgoing, outgoing)
      this.events.onCount(1, outgoing)
      const now = this.outbox.find(assignment)
      // Taken back while it was on its way: what was just learned says what is to be withdrawn.
      if (now?.key === outgoing.key && now.undone) {
        this.outbox.change(assignment, { submission })
        return await this.once(assignment)
      }
      if (this.isStill(outgoing)) this.outbox.remove(assignment)
      this.events.onSent({ ...outgoing, replaces: undefined, submission })
    } catch (error) {
      if (mayPass(error)) this.outbox.change(assignment, { tried: true })
      else if (outgoing.undone) this.outbox.remove(assignment)
      else if (this.isStill(outgoing)) this.outbox.change(assignment, { refused: problemOf(error) })
      this.events.onFault(error, outgoing)
    }
  }

  private isStill = ({ work, key }: Outgoing): boolean => this.outbox.find(work.assignment.id)?.key === key

  /** Sent again under its key, an answer that arrived says its id, and one that did not arrives now: then it can go. */
  private async takeBack(outgoing: Outgoing, sent: Sent): Promise<Work> {
    const submission = sent.submission ?? (await this.submit(outgoing, sent))
    const work = await this.api.withdraw({ submission })
    if (sent.submission) this.events.onCount(-1, outgoing)
    return work
  }

  private async submit({ work, activeMs, openedAt }: Outgoing, { key, answers }: Sent): Promise<string> {
    const { submission } = await this.api.submit({
      params: { assignment: work.assignment.id },
      headers: { 'idempotency-key': key },
      body: { annotations: answers, activeMs, openedAt },
    })
    return submission
  }
}

/** How long somebody worked: time counts while the page is seen and something was done within the last half minute. */

const idleMs = 30_000

export class ActiveTime {
  private total: number
  private last: number
  private visible = true

  /** Goes on from `total`, active milliseconds of an earlier look at the same. */
  constructor(now: number, total = 0) {
    this.last = now
    this.total = total
  }

  /** Something was done: a key, a click, a scroll. */
  touch(now: number): void {
    this.total = this.read(now)
    this.last = now
  }

  setVisible(now: number, visible: boolean): void {
    this.touch(now)
    this.visible = visible
  }

  /** Active milliseconds until now. */
  read(now: number): number {
    return this.total + (this.visible ? Math.min(Math.max(0, now - this.last), idleMs) : 0)
  }
}

/** Nobody works at a task that lies untouched for so long; that was a break. */
const breakMs = 5 * 60_000
const putOffMs = 10 * 60_000

/** When a break is due: after so much active work without a pause of five minutes; it can be put off. */
export class Sitting {
  private work: ActiveTime
  private last: number
  private dueAfter: number
  private readonly breakAfterMs: number

  constructor(now: number, breakAfterMs: number) {
    this.breakAfterMs = breakAfterMs
    this.dueAfter = breakAfterMs
    this.work = new ActiveTime(now)
    this.last = now
  }

  touch(now: number): void {
    if (now - this.last >= breakMs) this.rested(now)
    this.work.touch(now)
    this.last = now
  }

  /** Active milliseconds since the last break. */
  worked(now: number): number {
    return this.work.read(now)
  }

  isDue(now: number): boolean {
    return this.worked(now) >= this.dueAfter
  }

  putOff(now: number): void {
    this.dueAfter = this.worked(now) + putOffMs
  }

  rested(now: number): void {
    this.work = new ActiveTime(now)
    this.last = now
    this.dueAfter = this.breakAfterMs
  }
}

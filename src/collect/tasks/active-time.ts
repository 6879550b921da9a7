/** How long somebody worked: time counts while the page is seen and something was done within the last half minute. */

const idleMs = 30_000

export class ActiveTime {
  private total = 0
  private last: number
  private visible: boolean

  constructor(now: number, visible = true) {
    this.last = now
    this.visible = visible
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

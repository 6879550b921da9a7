/** Work that goes on by itself: now when woken, otherwise after a while. NOTIFY and calls only wake; time is the truth. */
import type { Logger } from 'pino'

export interface Loop {
  /** Runs soon, or once more if it is running. */
  wake(): void
  /** Waits for the run under way and ends. */
  stop(): Promise<void>
}

/** `run` answers whether there is more to do at once. A failure is logged and tried again after the pause. */
export function loop(name: string, pauseMs: number, log: Logger, run: () => Promise<boolean>): Loop {
  let stopped = false
  let woken = false
  let wakeUp: (() => void) | undefined
  const pause = () =>
    new Promise<void>((done) => {
      const timer = setTimeout(done, pauseMs)
      wakeUp = () => {
        clearTimeout(timer)
        done()
      }
    })
  const ended = (async () => {
    while (!stopped) {
      woken = false
      let more = false
      try {
        more = await run()
      } catch (error) {
        if (!stopped) log.error({ err: error, loop: name }, 'a loop failed; it goes on')
      }
      if (!stopped && !more && !woken) await pause()
    }
  })()
  return {
    wake() {
      woken = true
      wakeUp?.()
    },
    async stop() {
      stopped = true
      wakeUp?.()
      await ended
    },
  }
}

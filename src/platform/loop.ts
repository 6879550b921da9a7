/** Work that goes on by itself: soon when woken, otherwise after a while. Calls only wake; time is the truth. */
import type { Logger } from 'pino'

export interface Loop {
  /** Runs soon, or once more if it is running: many calls within a tenth of the pause are one run. */
  wake(): void
  /** Waits for the run under way and ends. */
  stop(): Promise<void>
}

/** `run` answers whether there is more to do at once. A failure is logged and tried again after the pause. */
export function loop(name: string, pauseMs: number, log: Logger, run: () => Promise<boolean>): Loop {
  let stopped = false
  let woken = false
  let wakeUp: (() => void) | undefined
  const pause = (ms: number) =>
    new Promise<void>((done) => {
      const begun = Date.now()
      let timer = setTimeout(done, ms)
      wakeUp = () => {
        clearTimeout(timer)
        timer = setTimeout(done, stopped ? 0 : Math.max(0, Math.min(ms, pauseMs / 10) - (Date.now() - begun)))
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
      if (!stopped && !more) await pause(woken ? pauseMs / 10 : pauseMs)
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

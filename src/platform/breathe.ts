/** Long work on a thread that serves others too: `if (i % 500 === 499) await breathe()` gives whoever waits a turn. */
export { setImmediate as breathe } from 'node:timers/promises'

/**
 * A process that is told to end still gives its seat back, or it would leave the server running with nobody there.
 * Once a program listens to the signal itself (`serve`, training), it closes its database itself: then nothing is done here.
 */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const staying = new Set<() => Promise<void>>()

async function heard(signal: NodeJS.Signals): Promise<void> {
  if (process.listenerCount(signal) > 1) return
  // From here on a second Ctrl-C ends the process at once.
  for (const name of signals) process.off(name, heard)
  await Promise.allSettled([...staying].map((leave) => leave()))
  process.kill(process.pid, signal)
}

/** Calls `leave` when the process is told to end and nobody else listens. Answers how to take that back. */
export function leaveOnSignal(leave: () => Promise<void>): () => void {
  if (!staying.size) for (const name of signals) process.on(name, heard)
  staying.add(leave)
  return () => {
    staying.delete(leave)
    if (!staying.size) for (const name of signals) process.off(name, heard)
  }
}

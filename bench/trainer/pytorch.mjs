/** A Python process beside ours: one request a line, one answer a line. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))

/** `PLUMBLINE_TORCH_PYTHON`, else the virtual environment beside this file. */
function python() {
  const path = process.env.PLUMBLINE_TORCH_PYTHON ?? here('.venv/bin/python')
  if (existsSync(path)) return path
  throw new Error(`There is no ${path}: make the virtual environment that the head of the bench names.`)
}

export function openPython(script) {
  const child = spawn(python(), [here(script)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    ask: async (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      for (;;) {
        const { value, done } = await lines.next()
        if (done) throw new Error(`${script} ended`)
        // Libraries print to stdout too.
        if (value.startsWith('{"answer"')) return JSON.parse(value).answer
      }
    },
    /** Its largest resident set so far; undefined where the system does not tell. */
    peakMegabytes: () => {
      const path = `/proc/${child.pid}/status`
      const [, kilobytes] = (existsSync(path) && /VmHWM:\s+(\d+) kB/.exec(readFileSync(path, 'utf8'))) || []
      return kilobytes && Math.round(Number(kilobytes) / 1000)
    },
    close: () => child.stdin.end(),
  }
}

/** Largest resident set of this process so far. */
export const peakMegabytes = () => Math.round(process.resourceUsage().maxRSS / 1000)

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]

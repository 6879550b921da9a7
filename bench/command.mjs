// Runs a command of ours as its users do; what it took.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The command's own JSON, its seconds by the clock, and its peak of resident memory in MB (Linux; else 0). */
export function measured(args) {
  return new Promise((done, failed) => {
    const begun = performance.now()
    const child = spawn(process.execPath, ['launch/start.mjs', ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    let peak = 0
    child.stdout.on('data', (bytes) => {
      said += bytes
    })
    const watch = setInterval(() => {
      try {
        const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? []
        if (kilobytes) peak = Math.max(peak, Number(kilobytes) / 1024)
      } catch {}
    }, 20)
    child.once('exit', (code) => {
      clearInterval(watch)
      if (code) return failed(new Error(`${args[0]} ended with ${code}`))
      done({ seconds: (performance.now() - begun) / 1000, peak, said: JSON.parse(said) })
    })
  })
}

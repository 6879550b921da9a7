/** The reference process: one request, one answer. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))

/** `PLUMBLINE_TORCH_PYTHON`, else the virtual environment beside this file; undefined where there is neither. */
export const torchPython = () => {
  const path = process.env.PLUMBLINE_TORCH_PYTHON ?? here('.venv/bin/python')
  return existsSync(path) ? path : undefined
}

export function openReference(python = torchPython()) {
  const child = spawn(python, [here('reference.py')], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    ask: async (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error('the PyTorch process ended')
      return JSON.parse(value)
    },
    close: () => child.stdin.end(),
  }
}

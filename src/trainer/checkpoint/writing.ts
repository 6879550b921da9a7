/** Write-then-rename: whoever reads sees the old file or the whole new one, also after a kill at any moment. */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'

export function writeText(path: string, text: string): void {
  const file = openSync(`${path}.part`, 'w')
  try {
    const bytes = Buffer.from(text)
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.part`, path)
}

export const writeJson = (path: string, value: unknown): void => writeText(path, `${JSON.stringify(value, null, 2)}\n`)

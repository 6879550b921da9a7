/** Writes what a run has made: a Hugging Face folder, or a PEFT adapter with the tokenizer beside it. */
import { existsSync, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { writeAdapter } from '../checkpoint/adapter.ts'
import { writeFolder, writeTokenizerFiles } from '../checkpoint/folder.ts'
import type { OpenRun } from './bench.ts'

export function writeResult(
  { source, session, adapter }: Pick<OpenRun, 'source' | 'session' | 'adapter'>,
  out: string,
): void {
  mkdirSync(out, { recursive: true })
  if (adapter) {
    writeTokenizerFiles(out, source.tokenizer)
    const { basePath } = source
    writeAdapter(out, adapter, existsSync(basePath) ? resolve(basePath) : basePath, session.trained())
    return
  }
  const { config, tokenizer, generation } = source
  writeFolder(out, { config, weights: session.merged(), head: session.head, tokenizer, generation })
}

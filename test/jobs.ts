/** For tests of jobs: a job whose every step counts once or not at all, and a real process that runs jobs. */
import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { build } from 'vite'
import type { JobRun } from '../src/platform/jobs.ts'
import { type Db, inTransaction } from '../src/platform/sql.ts'

/** Writes the numbers up to `input.to` into the table `counted`, each in one transaction with its checkpoint. */
export async function counting(db: Db, run: JobRun, step?: (n: number) => unknown): Promise<{ counted: number }> {
  const { to, pauseMs = 0 } = run.input as { to: number; pauseMs?: number }
  for (let n = ((run.checkpoint as number | undefined) ?? 0) + 1; n <= to; n++) {
    run.signal.throwIfAborted()
    await inTransaction(db, async (trx) => {
      await sql`INSERT INTO counted (job, n, attempt) VALUES (${run.id}, ${n}, ${run.attempt})`.execute(trx)
      await run.save(n, trx)
    })
    run.progress(n, to)
    step?.(n)
    if (pauseMs) await sleep(pauseMs, undefined, { signal: run.signal })
  }
  return { counted: to }
}

const here = fileURLToPath(new URL('.', import.meta.url))

/** Bundles `jobs-child.ts` (Node 20 runs no TypeScript); `start` resolves once the child counts. */
export async function jobProcesses(): Promise<{ start(url: string): Promise<ChildProcess>; close(): void }> {
  const folder = join(here, '../node_modules/.plumbline', `jobs-child-${process.pid}`)
  await build({
    root: here,
    configFile: false,
    logLevel: 'silent',
    build: { ssr: join(here, 'jobs-child.ts'), outDir: folder, emptyOutDir: true, minify: false },
  })
  return {
    async start(url) {
      const child = spawn(process.execPath, [join(folder, 'jobs-child.js'), url], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await new Promise<void>((counts, fails) => {
        child.stdout.once('data', () => counts())
        child.once('exit', () => fails(new Error('the child ended before it counted')))
      })
      return child
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

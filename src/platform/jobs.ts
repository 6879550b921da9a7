/**
 * Work that takes longer than a request. A job is a row that everybody sees; a pg-boss ticket says that it waits to be
 * run; an advisory lock says that somebody runs it. When its process dies the lock is gone with it, and the job is taken
 * up again from its last checkpoint, or is said to have failed.
 */
import type { Db } from './sql.ts'

export interface NewJob {
  /** Under which its handler is registered. */
  kind: string
  /** What people read. */
  title: string
  /** Whose members see it; null: only who began it. */
  project: string | null
  input?: unknown
  /** undefined: the system. */
  createdBy?: string
  /** How often it may be tried, crashes included; 3 unless told. */
  attempts?: number
}

/** What a handler is given. */
export interface JobRun {
  id: string
  project: string | null
  createdBy: string | null
  input: unknown
  /** 1 at the first try. */
  attempt: number
  /** What the try before saved last; undefined at the beginning. */
  checkpoint: unknown
  /** Aborted when the job is cancelled, when the process stops, or when the job was given to somebody else. */
  signal: AbortSignal
  /** Shown to people, a few times a second at most. `total` null: not known. */
  progress(done: number, total?: number | null, note?: string): void
  /**
   * Keeps a checkpoint, and the progress said last; with the transaction of the work that it stands for, both count or neither does. Throws when the
   * job is no longer this run's.
   */
  save(checkpoint: unknown, trx?: Db): Promise<void>
}

/**
 * Returns what the job came to, as JSON. A thrown problem (`fail`) ends the job, and what details it carries are the result;
 * anything else is tried again.
 */
export type JobHandler = (run: JobRun) => Promise<unknown>

export interface Jobs {
  /** Registers who does a kind of job; before `run()`. */
  handle(kind: string, handler: JobHandler): void
  /** Notes a job in the caller's transaction; it begins once that has committed. */
  start(db: Db, job: NewJob): Promise<string>
  /** Looks for work at once. */
  wake(): void
  /** Begins to take jobs. */
  run(): Promise<void>
  /** Asks what runs to stop, waits for it, and leaves it to be resumed. */
  stop(): Promise<void>
}

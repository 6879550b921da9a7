/** What a handler is given: the ground it stands on, and who calls. */
import type { Logger } from 'pino'
import type { Jobs } from './jobs.ts'
import type { Db } from './sql.ts'

export interface Platform {
  db: Db
  clock(): Date
  log: Logger
  jobs: Jobs
  /** Seals secrets at rest (API keys of endpoints). */
  vault: Vault
  /** Tells this process's followers that there is something to read; polling remains the truth. */
  wake(): void
  /** The person whose session cookie the headers carry. */
  personOf(headers: Headers): Promise<string | undefined>
  publicUrl: string
  /** Where files of this installation lie: models, and the folders of runs. Replicas share it. */
  dataDir: string
}

export interface Vault {
  seal(plain: string): Buffer
  open(sealed: Buffer): string
}

/** The person behind a call. */
export interface Caller {
  id: string
  name: string
  email: string
  owner: boolean
  simulatedAs: string | null
  via: 'session' | 'key' | 'nobody'
  /** What an API key is narrowed to; null: not narrowed. */
  keyProject: string | null
  keyActions: string[] | null
}

/** What the HTTP server knows of a call before it is authorised. */
export interface CallContext {
  platform: Platform
  headers: Headers
  ip: string
  requestId: string
}

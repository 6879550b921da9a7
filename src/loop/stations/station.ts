/** What a station of a round is: it begins its work elsewhere (a job, a run, people), and looks how that stands. */
import type { Platform } from '../../platform/context.ts'
import type { Problem } from '../../platform/errors.ts'
import type { Db } from '../../platform/sql.ts'
import type { Facts } from '../contract.ts'
import type { StationName } from '../rules.ts'
import type { OpenRound, StationRow } from '../store.ts'

/** What a station works with: a server's, or what a command opens. */
export type Ground = Pick<Platform, 'jobs' | 'clock'>

export interface Turn {
  /** Of the transaction that holds the round. */
  trx: Db
  platform: Ground
  round: OpenRound
  /** What an earlier station works on or has made. */
  subjectOf(station: StationName): string
  factsOf(station: StationName): Facts
}

/** `blocked`: it waits for somebody's decision. */
export type Look =
  | { state: 'working' | 'done'; facts: Facts; subject?: string }
  | { state: 'blocked'; facts: Facts; why: string; hint: string }
  | { state: 'failed'; facts: Facts; problem: Problem }

export interface RoundStation {
  /** Starts the work, quickly; a problem that it throws is the station's. */
  begin(turn: Turn): Promise<{ subject: string | null; facts: Facts }>
  /** How the work stands; asked again and again until it is done or has failed. */
  look(turn: Turn, row: StationRow): Promise<Look>
  /** Tries what has failed again from where it stood; false: nothing is left of it, and the station begins anew. */
  again?(turn: Turn, row: StationRow): Promise<boolean>
  /** A lead lets it go on with what is there. */
  accept?(turn: Turn, row: StationRow): Promise<void>
  /** The round is closed: what goes on for it ends. */
  stop?(turn: Turn, row: StationRow): Promise<void>
}

/**
 * An annotation kind: what a judgement is made of, and what it says. Nothing outside a kind's folder ever reads a
 * payload: consensus, reward, statistics, snapshots and exports see it through `votes`, `pairs` and `rows` alone.
 */
import type { z } from 'zod'
import type { Column } from '../../formats/index.ts'

/** An annotation, as far as its kind needs it. */
export interface Judged<P> {
  payload: P
  /** Ids of the messages judged, in stored order. */
  targets: string[]
}

/** What one annotation says of its targets under one attribute. Labels are names; a value lets votes be averaged. */
export interface Vote {
  attribute: string
  label: string
  value?: number
}

/** One message set above another. `strength` 1 to 3; a tie has strength 0 and either order. */
export interface Pair {
  attribute: string
  chosen: string
  rejected: string
  strength: number
}

/** One flat row of an export: column to value. */
export type Row = Record<string, string | number | boolean | null>

export interface Kind<P, S> {
  name: string
  /** Raised when payloads change their meaning; stored with each annotation. */
  version: number
  title: string
  /** What a template may set. */
  settings: z.ZodType<S>
  /** The schema of a payload under given settings. */
  payload(settings: S): z.ZodType<P>
  /** What an answer that is not finished, or not begun, still lacks, in words. */
  missing(payload: unknown, settings: S): string[]
  votes(judged: Judged<P>): Vote[]
  /**
   * Labels that change into each other when the same targets stand in the other order ("first" and "second"): nothing but the
   * lot tells them apart, so no statistic may learn that one is given more often.
   */
  swapped?: Record<string, string>
  pairs(judged: Judged<P>): Pair[]
  rows(judged: Judged<P>): Row[]
  /** The columns that rows under given settings may have: a table names them before its first row. */
  columns(settings: S): Column[]
}

/** A kind with its types forgotten, as the registry holds it. */
export type AnyKind = Kind<unknown, unknown>

/** Binds the types of a kind together; callers parse before they ask, so a payload handed in is one of its own. */
export const defineKind = <P, S>(kind: Kind<P, S>): AnyKind => ({
  ...kind,
  settings: kind.settings,
  payload: (settings) => kind.payload(settings as S),
  missing: (payload, settings) => kind.missing(payload, settings as S),
  votes: (judged) => kind.votes(judged as Judged<P>),
  pairs: (judged) => kind.pairs(judged as Judged<P>),
  rows: (judged) => kind.rows(judged as Judged<P>),
  columns: (settings) => kind.columns(settings as S),
})

/** What the work screen hands to the editor of a kind, and what it gets back. */
import type { WorkTarget } from '../tasks/contract.ts'

export interface JudgementProps {
  settings: unknown
  /** The messages judged, in stored order, with the side of the screen on which each stands. */
  targets: WorkTarget[]
  /** Indices into `targets`, left to right. */
  order: number[]
  /** The answer so far; undefined: none yet. */
  payload: unknown
  onChange(payload: unknown): void
  /** False while another step has the keyboard. */
  active: boolean
}

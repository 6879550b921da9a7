/** What a customer may write about, and what our help desk says to it: sentences of our own, put together by `demonstrations.ts`. */
export interface Topic {
  name: string
  /** What people judge and policies are measured on. */
  prompts: string[]
  /** How the same is said in the rows that the first policies learn from; with slots of `slots.ts`. */
  clauses: string[]
  /** The point of the matter. */
  points: string[]
  /** What happens now or what to do, concretely. */
  steps: string[]
}

/** One a line. */
export const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)

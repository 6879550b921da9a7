/** What a test of one person on one count says, before it is corrected for the number of people. */
import type { Finding } from './shapes.ts'

export type Suspect = Finding & { person: string }

/** A test of one person on one count; `large`: the effect is worth speaking of. */
export type Test = Omit<Suspect, 'adjusted' | 'advice'> & { large: boolean }

export const percent = (value: number) => `${Math.round(value * 100)}%`
export const within = ({ low, high }: { low: number; high: number }) => `[${percent(low)}, ${percent(high)}]`

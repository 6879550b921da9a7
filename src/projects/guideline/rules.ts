/** What a guideline is made of, and how two versions differ. */
import { z } from 'zod'

const example = z.object({
  verdict: z.enum(['good', 'bad', 'borderline']),
  text: z.string().max(10_000),
  why: z.string().max(2000).default(''),
})

export const clause = z.object({
  /** Stable: people and versions know the clause by it, so it outlives rewording and reordering. */
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,39}$/, 'a clause id is lower case letters, digits, dots and dashes'),
  title: z.string().trim().min(1).max(200),
  /** Markdown. */
  text: z.string().max(20_000),
  examples: z.array(example).max(50).default([]),
})
export type Clause = z.infer<typeof clause>

export const clauses = z
  .array(clause)
  .max(500)
  .superRefine((list, ctx) => {
    const seen = new Set<string>()
    for (const [i, { id }] of list.entries()) {
      if (seen.has(id)) ctx.addIssue({ code: 'custom', path: [i, 'id'], message: `two clauses have the id "${id}"` })
      seen.add(id)
    }
  })

/** What a clause lacks, by field, in words for whoever writes it. */
export function faultsOf(
  { id, title }: Clause,
  others: readonly Pick<Clause, 'id'>[],
): { id?: string; title?: string } {
  const isKnown = others.some((other) => other.id === id)
  return {
    ...(title.trim() ? {} : { title: 'A clause is found by its title' }),
    ...(isKnown ? { id: 'Another clause has this id' } : {}),
    ...(clause.shape.id.safeParse(id).success ? {} : { id: 'Lower case letters, digits, dots and dashes' }),
  }
}

export interface Difference {
  added: string[]
  removed: string[]
  changed: string[]
}

/** Clause ids that came, went or read differently; an order that changed alone is no change. */
export function difference(before: Clause[], after: Clause[]): Difference {
  const was = new Map(before.map((one) => [one.id, JSON.stringify(clause.parse(one))]))
  const is = new Map(after.map((one) => [one.id, JSON.stringify(clause.parse(one))]))
  return {
    added: [...is.keys()].filter((id) => !was.has(id)),
    removed: [...was.keys()].filter((id) => !is.has(id)),
    changed: [...is].filter(([id, text]) => was.has(id) && was.get(id) !== text).map(([id]) => id),
  }
}

export const isSame = ({ added, removed, changed }: Difference): boolean =>
  !added.length && !removed.length && !changed.length

/** An id for a clause called `title` that none of `others` has: `be-honest`, `be-honest-2`, `clause-3`. */
export function freeClauseId(title: string, others: readonly Pick<Clause, 'id'>[]): string {
  const words = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .replace(/^(.{1,36})(-.*)?$/, '$1')
    .slice(0, 36)
  const taken = new Set(others.map(({ id }) => id))
  if (words && !taken.has(words)) return words
  for (let n = words ? 2 : others.length + 1; ; n++) {
    const id = `${words || 'clause'}-${n}`
    if (!taken.has(id)) return id
  }
}

/** A clause as one text, for showing how it changed. */
export const asText = ({ title, text, examples }: Clause): string =>
  [title, text, ...examples.map(({ verdict, text, why }) => [`${verdict}: ${text}`, why].filter(Boolean).join('\n'))]
    .filter(Boolean)
    .join('\n\n')

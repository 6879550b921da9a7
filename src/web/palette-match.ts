/** Which registered items a query means. Pure. */

/**
 * Items whose label or group contains every word of the query, those whose label starts with it first; all of them for
 * an empty query. Case and accents do not count.
 */
export function matching<Item extends { label: string; group: string }>(items: readonly Item[], query: string): Item[] {
  const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  const wanted = plain(query).split(/\s+/).filter(Boolean)
  const whole = wanted.join(' ')
  const rank = (item: Item) => (plain(item.label).startsWith(whole) ? 0 : 1)
  return items
    .filter((item) => {
      const text = plain(`${item.label} ${item.group}`)
      return wanted.every((word) => text.includes(word))
    })
    .sort((a, b) => rank(a) - rank(b))
}

/** Items of one group brought together, in the order in which the groups first appear; `from` counts over all groups. */
export function grouped<Item extends { group: string }>(
  items: readonly Item[],
): { name: string; from: number; items: Item[] }[] {
  const groups = new Map<string, Item[]>()
  for (const item of items) groups.set(item.group, [...(groups.get(item.group) ?? []), item])
  let from = 0
  return [...groups].map(([name, members]) => {
    const group = { name, from, items: members }
    from += members.length
    return group
  })
}

/** What was found by those that did not fail: one takes nothing from the others. Fails where all did. */
export async function anyFound<T>(asked: readonly Promise<readonly T[]>[]): Promise<T[]> {
  const ends = await Promise.allSettled(asked)
  const failed = ends.filter((end) => end.status === 'rejected')
  if (failed.length && failed.length === ends.length) throw failed[0]!.reason
  return ends.flatMap((end) => (end.status === 'fulfilled' ? end.value : []))
}

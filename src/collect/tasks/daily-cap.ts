/** The daily cap: after so many hours of active work nothing more is handed out. It cannot be put off. */
import type { Platform } from '../../platform/context.ts'
import { findProject } from '../../projects/store.ts'
import { workSince } from './store.ts'

const startOfDay = (now: Date) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()))

/** What a person did today (UTC) in a project. */
export const workToday = ({ db, clock }: Platform, person: string, project: string) =>
  workSince(db, person, project, startOfDay(clock()))

/** Asked at most once a minute for each person: a claim must not add up the day's work. */
const askedMs = 60_000
const mostRemembered = 10_000
const remembered = new Map<string, { at: number; capped: boolean }>()

export async function isCapped(platform: Platform, person: string, project: string): Promise<boolean> {
  const key = `${person} ${project}`
  const now = platform.clock().getTime()
  const known = remembered.get(key)
  if (known && Math.abs(now - known.at) < askedMs) return known.capped
  const [{ activeMs }, found] = await Promise.all([
    workToday(platform, person, project),
    findProject(platform.db, project, 'annotator'),
  ])
  const capped = found !== undefined && activeMs >= found.settings.dailyCapHours * 3_600_000
  if (remembered.size >= mostRemembered) remembered.clear()
  remembered.set(key, { at: now, capped })
  return capped
}

/**
 * What the lead of the demo does, part by part, through the public API. Each step looks whether it has been done already, so
 * that a script whose server ended in the middle goes on where it stood.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { PlumblineError } from '../platform/errors.ts'
import type { Cast } from './bootstrap.ts'
import { type Client, clientFor } from './client.ts'
import { compare, following, playRound } from './course.ts'
import { firstPolicies } from './learning.ts'
import { people } from './people.ts'
import { type DemoPlan, demoPlan, type RoundPlan } from './plan.ts'
import { setTheScene } from './scene.ts'
import { type Crew, hire } from './work.ts'

interface Script {
  url: string
  cast: Cast
  seed: number
  signal: AbortSignal
  plan?: DemoPlan
  /** Hears what begins. */
  say?: (line: string) => void
}

/** What every part works with. */
export interface Scene {
  api: Client
  project: string
  seed: number
  plan: DemoPlan
  signal: AbortSignal
  crew: Crew
}

export interface Course {
  api: Client
  project: string
  /** The policy that the rounds began with, and the one that they ended with. */
  base: string
  final: string
  headToHead: string
  /** Seconds of each part. */
  seconds: Record<string, number>
}

/** Somebody has put the demo away while it was playing. */
class PutAway extends Error {}

/** Plays the demo to its end, or from where an earlier script of the same seed was cut off. */
export async function play({
  url,
  cast,
  seed,
  signal: asked,
  plan = demoPlan,
  say = () => {},
}: Script): Promise<Course> {
  const api = clientFor(url, cast.lead)
  const { project } = cast
  const clients = new Map(people.map(({ name }) => [name, clientFor(url, cast.keys[name]!)]))
  const broken = new AbortController()
  const signal = AbortSignal.any([asked, broken.signal])
  const crew = hire(project, clients, seed, (error) => broken.abort(error))
  const watching = watch(api, project, broken)
  const scene: Scene = { api, project, seed, plan, signal, crew }
  const seconds: Record<string, number> = {}
  const part = async <T>(name: string, title: string, act: () => Promise<T>): Promise<T> => {
    say(`demo: ${title}`)
    const begun = performance.now()
    const result = await act()
    seconds[name] = Math.round(performance.now() - begun) / 1000
    return result
  }
  try {
    await part('setting', 'prompts, demonstrations, guideline', () => setTheScene(scene))
    const base = await part('firstPolicies', 'two small policies learn to write', () => firstPolicies(scene))
    const first = plan.rounds(base)
    let current = base.plain
    for (let next: RoundPlan | undefined = first, number = 1; next; next = following(next, current), number++)
      current = await part(`round${number}`, `round ${number}`, () => playRound(scene, number, next!))
    if (current === base.plain)
      throw new PlumblineError({
        code: 'gates_not_passed',
        message:
          'No round has passed its gates: there is no new policy to set against the first. Another seed goes another way.',
      })
    const headToHead = await part('comparison', 'before and after, on prompts that no training has seen', () =>
      compare(scene, current, base.plain),
    )
    return { api, project, base: base.plain, final: current, headToHead, seconds }
  } catch (error) {
    if (signal.reason instanceof PutAway) await leaveQuietly(api, project)
    throw signal.aborted ? signal.reason : error
  } finally {
    watching.stop()
    await crew.end()
  }
}

const watchMs = 2000

/** Looks now and then whether the project has been put away. */
function watch(api: Client, project: string, broken: AbortController): { stop(): void } {
  const ended = new AbortController()
  const look = async (): Promise<void> => {
    for (;;) {
      await sleep(watchMs, undefined, { signal: ended.signal })
      const { archived } = await api.projects.show({ project })
      if (archived) return broken.abort(new PutAway('The demo was put away.'))
    }
  }
  // A server that does not answer is heard of by whoever waits for its answer.
  look().catch(() => {})
  return { stop: () => ended.abort() }
}

/** What is under way would go on learning for nobody. */
async function leaveQuietly(api: Client, project: string): Promise<void> {
  const { rows: rounds } = await api.rounds.list({ project })
  for (const { id, state } of rounds)
    if (state === 'open' || state === 'failed')
      await api.rounds.close({ project, round: id, why: 'The demo was put away.' })
  const { rows: runs } = await api.runs.list({ project, limit: 200 })
  for (const { id, state } of runs)
    if (state === 'waiting' || state === 'running') await api.runs.stop({ project, run: id })
}

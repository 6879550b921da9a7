/** `demo`: the whole loop without a browser; what it leaves behind is a data folder that `serve` opens. */
import type { Command } from 'commander'
import { action, example, print, say, whole } from '../platform/command.ts'
import { openData, withData } from '../platform/data-option.ts'
import { fail } from '../platform/errors.ts'

interface DemoOptions {
  data: string
  port: number
  seed: number
  json?: boolean
}

async function cast({ data }: DemoOptions, url: string) {
  const [{ bootstrap, demoState, dismiss }] = await Promise.all([import('./bootstrap.ts')])
  const { db, close } = await openData({ data })
  try {
    if ((await demoState(db)) === 'over')
      fail('conflict', 'There is something in this data folder already.', {
        where: `--data ${data}`,
        hint: 'Name a folder that is empty or not there yet.',
      })
    const made = await bootstrap(db, url, new Date())
    return { made, leave: () => dismiss(db, made.project, new Date()), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function demo(options: DemoOptions): Promise<void> {
  const [{ startServer }, { play }, { measure }] = await Promise.all([
    import('./server.ts'),
    import('./script.ts'),
    import('./measure.ts'),
  ])
  const stopping = new AbortController()
  const stop = () => stopping.abort(new Error('The demo was stopped.'))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const { signal } = stopping
  const begun = performance.timeOrigin
  const server = await startServer(options, signal)
  const ready = (Date.now() - begun) / 1000
  try {
    const { made, leave, close } = await cast(options, server.url)
    try {
      const course = await play({ url: server.url, cast: made, seed: options.seed, signal, say })
      const measured = await measure(course, signal)
      await leave()
      const total = (Date.now() - begun) / 1000
      print({ ...measured, seconds: { total, server: ready, ...course.seconds } }, options.json, sentence)
    } finally {
      await close()
    }
  } finally {
    await server.stop()
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

const percent = (share: number) => `${Math.round(share * 100)}%`

function sentence({ rounds, promoted, annotations, agreement, policy, suspects, seconds }: Printed): string {
  const { model, baseModel, winRate, low, high, n, check } = policy
  return [
    `${rounds} rounds, ${promoted} of them with a promotion, and ${annotations} judgements in ${Math.round(seconds.total)} s; alpha ${agreement.alpha.toFixed(2)}.`,
    `${model} is better than ${baseModel} in ${percent(winRate)} (${percent(low)} to ${percent(high)}) of ${n} held-out prompts;`,
    `an offer of help ends ${percent(check.before)} of replies before, ${percent(check.after)} after.`,
    ...suspects.map(({ person, why }) => `${person}: ${why}`),
    '',
    ...policy.samples
      .slice(0, 5)
      .flatMap(({ prompt, before, after }) => [prompt, `  before  ${before}`, `  after   ${after}`]),
  ].join('\n')
}
type Printed = import('./measure.ts').Measured & { seconds: { total: number } }

export function demoCommands(program: Command): void {
  const command = program
    .command('demo')
    .description('Play the demo to its end: two rounds with simulated people, in about two minutes; then stop')
    .option('--port <n>', 'the port of the server meanwhile', whole(0, 65_535), 7700)
    .option('--seed <n>', 'another seed, another course', whole(0, 2 ** 31), 1)
  example(withData(command), 'demo --data ./demo --seed 7', 'serve --data ./demo').action(action(demo))
}

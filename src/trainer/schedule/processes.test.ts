/** Runs in other threads and processes; these run what was built (dist), as the product does. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { trainInBackground } from './background.ts'
import type { TrainingEvent } from './events.ts'

const root = mkdtempSync(join(tmpdir(), 'processes-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const at = (name: string) => join(root, name)
const program = fileURLToPath(new URL('../../../dist/server/main.js', import.meta.url))
const isBuilt = existsSync(program)
const data = at('pairs.jsonl')
const lines = Array.from({ length: 64 }, (_, i) =>
  JSON.stringify({
    prompt: `about ${i}`,
    chosen: ` please take ${i % 7} thank you`,
    rejected: ` take ${i % 5} you fool`,
  }),
)
writeFileSync(data, lines.join('\n'))

describe.skipIf(!isBuilt)('a run in a worker thread (SKIPPED where nothing is built)', () => {
  const spec = { algorithm: 'reward' as const, model: 'preset:1m', data, batchSize: 8, seed: 2 }

  it('tells what happens, and leaves this thread alone', async () => {
    const events: TrainingEvent[] = []
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const done = await trainInBackground(
      { ...spec, out: at('worker'), steps: 6 },
      { onEvent: (event) => events.push(event) },
    )
    delay.disable()
    expect(done.steps).toBe(6)
    expect(events.map(({ event }) => event)).toEqual(['start', ...Array(6).fill('step'), 'checkpoint', 'done'])
    // The worker's kernels take every core; this thread only has to wait for a turn.
    expect(delay.percentile(50) / 1e6).toBeLessThan(20)
  })

  it('asks this thread for rewards and stops when told to', async () => {
    const stop = new AbortController()
    let asked = 0
    const grpo = {
      ...spec,
      algorithm: 'grpo' as const,
      out: at('grpo'),
      steps: 500,
      batchSize: 2,
      groupSize: 2,
      maxTokens: 4,
    }
    const done = await trainInBackground(grpo, {
      signal: stop.signal,
      reward: async (items) => {
        asked++
        return items.map(({ response }) => response.length)
      },
      onEvent: (event) => {
        if (event.event === 'step' && event.step === 2) stop.abort()
      },
    })
    expect(asked).toBeGreaterThan(2)
    expect(done.stopped).toBe('asked')
    expect(done.steps).toBeLessThan(10)
  })

  it('brings its refusals over whole', async () => {
    const refused = trainInBackground({ ...spec, out: at('refused'), data: at('nowhere.jsonl') })
    await expect(refused).rejects.toThrow(/nowhere\.jsonl/)
    await expect(trainInBackground({ ...spec, out: at('refused'), steps: 0 })).rejects.toMatchObject({
      code: 'bad_input',
      where: 'run, steps',
    })
  })
})

/** Runs `plumbline train`; kills it without warning once `isOver` says so of an event. */
function train(args: string[], isOver: (event: TrainingEvent) => boolean = () => false): Promise<TrainingEvent[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, 'train', ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const events: TrainingEvent[] = []
    let rest = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop() ?? ''
      for (const part of parts) events.push(JSON.parse(part))
      const last = events.at(-1)
      if (last && isOver(last)) child.kill('SIGKILL')
    })
    child.once('error', reject).once('close', () => resolve(events))
  })
}

describe.skipIf(!isBuilt)('a killed run (SKIPPED where nothing is built)', () => {
  it('goes on from its last state to the same losses and weights, to the last bit', async () => {
    const args = [
      'sft',
      '--model',
      'preset:1m',
      '--data',
      data,
      '--steps',
      '12',
      '--batch-size',
      '8',
      '--seed',
      '4',
      '--save-every',
      '3',
    ]
    const lossesOf = (events: TrainingEvent[]) =>
      events.flatMap((event) => (event.event === 'step' ? [[event.step, event.loss]] : []))
    const whole = await train([...args, '--out', at('whole')])
    const killAt = 4 + Math.floor(Math.random() * 7)
    const killed = await train(
      [...args, '--out', at('killed')],
      (event) => event.event === 'step' && event.step >= killAt,
    )
    expect(killed.some(({ event }) => event === 'done')).toBe(false)
    const resumed = await train([...args, '--out', at('killed'), '--resume'])
    const [start] = resumed
    expect(start.event === 'start' && start.resumedFrom).toBeGreaterThanOrEqual(3)
    const first = start.event === 'start' ? start.resumedFrom : 0
    expect(lossesOf(resumed)).toEqual(lossesOf(whole).slice(first))
    expect(lossesOf(killed)).toEqual(lossesOf(whole).slice(0, lossesOf(killed).length))
    const weights = (name: string) => readFileSync(join(at(name), 'model.safetensors'))
    expect(weights('killed').equals(weights('whole'))).toBe(true)
  })
})

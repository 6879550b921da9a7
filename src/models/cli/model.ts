/** `model`: what there is on this machine, and a server for one of them. */
import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { action, example, print, say, whole } from '../../platform/command.ts'
import { fail } from '../../platform/errors.ts'
import type { BackgroundModel } from '../background.ts'
import { cardOf, kindOf, originOf } from '../checkpoints/rules.ts'
import { inData, located, type Naming, registered } from './registered.ts'

async function addModel(name: string, { json }: { json?: boolean }): Promise<void> {
  const [{ catalogued }, { findModel }] = await Promise.all([import('../catalogue.ts'), import('../local.ts')])
  const path = await findModel(name, { say })
  const model = catalogued(name)
  print({ name, path, licence: model?.licence, bytes: model?.bytes, sha256: model?.sha256 }, json, () =>
    model ? `${name} (${model.licence}, ${(model.bytes / 1e6).toFixed(0)} MB) is at ${path}` : `${name} is at ${path}`,
  )
}

interface ExportOptions extends Omit<Naming, 'model'> {
  adapter?: string
  out: string
  json?: boolean
}

/** Written beside its place and moved there: whoever waits for the folder finds it whole. */
async function exportModel(model: string, { adapter, out, json, ...naming }: ExportOptions): Promise<void> {
  const [{ cp, mkdir, mkdtemp, readdir, rename, rm, writeFile }, { openLocalModel }, { writeFolder }, { isPreset }] =
    await Promise.all([
      import('node:fs/promises'),
      import('../local.ts'),
      import('../../trainer/checkpoint/folder.ts'),
      import('../../trainer/model/config.ts'),
    ])
  if (isPreset(model)) fail('bad_input', 'A preset is untrained: there is nothing to export.', { where: 'model' })
  if (existsSync(out)) fail('conflict', 'This is there already.', { where: `--out ${out}`, hint: 'Name a new folder.' })
  const { path, known, dataDir } = await located({ model, ...naming })
  const opened = await openLocalModel(path, { say, adapter, dataDir })
  await mkdir(dirname(resolve(out)), { recursive: true })
  const draft = await mkdtemp(`${resolve(out)}.`)
  try {
    writeFolder(draft, opened)
    for (const name of statSync(path).isDirectory() ? await readdir(path) : [])
      if (/^licen[cs]e/i.test(name)) await cp(join(path, name), join(draft, name))
    // The card of a model says nothing of an adapter that somebody put on it.
    if (known && !adapter) await writeFile(join(draft, 'README.md'), cardOf(known, known.projectName, 'as exported'))
    await rename(draft, out)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
  print({ out, head: opened.head, parameters: opened.parameters }, json, () => {
    const kind = opened.head === 'lm' ? 'AutoModelForCausalLM' : 'AutoModelForSequenceClassification'
    return `${out}: ${opened.parameters.toLocaleString('en')} numbers in float32; transformers opens it by ${kind}`
  })
}

/** The longest that a timer takes: the one model that is served stays open. */
const neverMs = 2 ** 31 - 1

interface ServeOptions {
  port: number
  host: string
  threads?: number
}

async function serveModel(name: string, { port, host, threads }: ServeOptions): Promise<void> {
  const [{ serve }, { Hono }, { completions }, { findModel }, { modelPool }] = await Promise.all([
    import('@hono/node-server'),
    import('hono'),
    import('../completions.ts'),
    import('../local.ts'),
    import('../pool.ts'),
  ])
  const path = await findModel(name, { say })
  const pool = modelPool({ threads, idleMs: neverMs })
  // What is wrong with the model is said before anybody asks it.
  const head = await pool.use(path, async (model) => model.head)
  // Whatever name a client sends, there is one model here.
  const served = { use: <T>(_: string, act: (model: BackgroundModel) => Promise<T>) => pool.use(path, act) }
  const app = new Hono().route(
    '/v1',
    completions(() => ({ ...served, names: async () => [name] })),
  )
  const server = serve({ fetch: app.fetch, port, hostname: host }, ({ port: bound }) =>
    say(
      head === 'lm'
        ? `${name} answers at http://${host}:${bound}/v1/chat/completions`
        : `${name} scores at http://${host}:${bound}/v1/rewards?model=${encodeURIComponent(name)}`,
    ),
  )
  const stop = (): void => {
    server.close()
    // Clients keep connections open; nobody is answered any more.
    if ('closeAllConnections' in server) server.closeAllConnections()
    void pool.close()
  }
  process.once('SIGTERM', stop).once('SIGINT', stop)
}

interface ListOptions {
  data?: string
  project?: string
  json?: boolean
}

async function listRegistered(data: string, { project, json }: ListOptions): Promise<void> {
  const models = (await registered({ data, project })).map(({ project: _, path, projectName, ...model }) => ({
    ...model,
    project: projectName,
    path: resolve(data, path),
  }))
  const line = (model: (typeof models)[number]): string =>
    [
      model.name.padEnd(20),
      model.project,
      kindOf(model),
      originOf(model),
      model.facts.licence ?? '',
      `${(model.bytes / 1e6).toFixed(1)} MB`,
      model.archived ? 'put away' : '',
    ]
      .filter(Boolean)
      .join('  ')
  print({ models }, json, () => models.map(line).join('\n') || 'no models yet')
}

async function listModels(options: ListOptions): Promise<void> {
  const { data, json } = options
  if (data !== undefined) return listRegistered(data, options)
  if (options.project !== undefined) fail('bad_input', '--project names a project of --data.', { where: '--project' })
  const [{ catalogue }, { fetched }, { ollamaModels }, { presets }] = await Promise.all([
    import('../catalogue.ts'),
    import('../fetch.ts'),
    import('../ollama.ts'),
    import('../../trainer/model/config.ts'),
  ])
  const models = [
    ...Object.keys(presets).map((name) => ({ name, title: 'untrained, to train from scratch', licence: '', bytes: 0 })),
    ...catalogue.map((model) => ({
      name: model.name,
      title: model.title,
      licence: model.licence,
      bytes: model.bytes,
      path: fetched(model),
    })),
    ...ollamaModels().map(({ name, bytes, path }) => ({ name, title: 'pulled by Ollama', licence: '', bytes, path })),
  ]
  print({ models }, json, () =>
    models
      .map(({ name, title, licence, bytes, ...rest }) => {
        const size = bytes ? `${(bytes / 1e6).toFixed(0)} MB` : ''
        const place = 'path' in rest ? (rest.path ?? 'not fetched yet') : ''
        return [name.padEnd(20), title, licence, size, place].filter(Boolean).join('  ')
      })
      .join('\n'),
  )
}

export function modelCommand(program: Command): void {
  const model = program.command('model').description('models on this machine')
  example(
    model
      .command('add')
      .argument('<name>', 'a name of `model list`, or a folder or file to check')
      .description('fetches a model once and checks its hash')
      .option('--json', 'print JSON')
      .action(action(addModel)),
    'model add smollm2-135m',
  )
  example(
    model
      .command('serve')
      .argument('<name>', 'a name of `model list`, a folder or a GGUF file')
      .description(
        'answers /v1/chat/completions in OpenAI’s dialect until SIGTERM, without a key: for this machine alone',
      )
      .option('--port <n>', 'the port', whole(0, 65_535), 7710)
      .option('--host <name>', 'the address to listen on', '127.0.0.1')
      .option('--threads <n>', 'default: all cores', whole(1, 1024))
      .action(action(serveModel)),
    'model serve smollm2-135m --port 7710',
  )
  example(
    inData(
      model
        .command('export')
        .argument('<name>', 'a name of `model list`, a folder or a GGUF file; with --data a model of a project')
        .description('writes a Hugging Face folder that other programs load, an adapter merged into its base'),
    )
      .option('--adapter <dir>', 'a PEFT adapter to merge in')
      .requiredOption('--out <dir>', 'a folder that is not there yet')
      .option('--json', 'print JSON'),
    'model export helper-dpo --data ./data --out helper-dpo',
  ).action(action(exportModel))
  example(
    inData(model.command('list'))
      .description(
        'presets, models that can be fetched or have been, and what Ollama has pulled; with --data its models',
      )
      .option('--json', 'print JSON'),
    'model list --data ./data --json',
  ).action(action(listModels))
}

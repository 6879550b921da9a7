/** `dataset`: take datasets, look at them, compare them, and write them as files. */
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Command, Option } from 'commander'
import { action, decimal, example, print, say } from '../../platform/command.ts'
import { type DataOptions, withData } from '../../platform/data-option.ts'
import { inProject } from '../../projects/project-option.ts'
import type { DatasetKind, FiltersInput, ListedDataset } from './contract.ts'

interface Options extends DataOptions {
  project: string
}

interface MakeOptions extends Options {
  name?: string
  kind: DatasetKind
  rule?: FiltersInput['rule']
  attribute?: string
  minVotes?: number
  minAgreement?: number
  ties?: FiltersInput['ties']
  person?: string[]
  withoutPerson?: string[]
  /** undefined: both. */
  simulated?: boolean
  role?: string[]
  guideline?: number[]
  tag?: string[]
  from?: string
  to?: string
  source?: FiltersInput['sources']
  seed?: number
  testShare?: number
  splitAnew?: boolean
}

const filtersOf = (o: MakeOptions) => ({
  rule: o.rule,
  attribute: o.attribute,
  minVotes: o.minVotes,
  minAgreement: o.minAgreement,
  ties: o.ties,
  people: { include: o.person, exclude: o.withoutPerson, simulated: o.simulated, roles: o.role },
  guidelineVersions: o.guideline,
  tags: o.tag,
  from: o.from,
  to: o.to,
  sources: o.source,
  split: { seed: o.seed, test: o.testShare, anew: o.splitAnew },
})

const line = ({ name, kind, rows, train, test, hash }: ListedDataset) =>
  `${name}  ${kind}  ${rows} rows (${train} train, ${test} test)  ${hash.slice(0, 16)}`

async function make(options: MakeOptions): Promise<void> {
  const [{ takeSnapshot }, { shown }] = await Promise.all([import('./store.ts'), import('./shown.ts')])
  await inProject(options, async (db, project) => {
    let said = 0
    const snapshot = await takeSnapshot(
      db,
      {
        project,
        name: options.name,
        kind: options.kind,
        filters: filtersOf(options) as FiltersInput,
        actor: 'operator',
      },
      new Date(),
      {
        progress: (rows, note) => {
          if (rows > 0 && rows - said < 100_000) return
          said = rows
          say(note)
        },
      },
    )
    print(shown(snapshot), options.json, line)
  })
}

async function list(options: Options): Promise<void> {
  const [{ listSnapshots }, { listed }] = await Promise.all([import('./read.ts'), import('./shown.ts')])
  await inProject(options, async (db, project) =>
    print((await listSnapshots(db, project, undefined, 10_000)).map(listed), options.json, (rows) =>
      rows.length ? rows.map(line).join('\n') : 'no datasets yet',
    ),
  )
}

async function show(name: string, options: Options): Promise<void> {
  const [{ snapshotOf }, { shown }] = await Promise.all([import('./read.ts'), import('./shown.ts')])
  await inProject(options, async (db, project) =>
    print(shown(await snapshotOf(db, project, name)), options.json, ({ card }) => card),
  )
}

async function compare(from: string, to: string, options: Options): Promise<void> {
  const [{ compareSnapshots }, { snapshotOf }] = await Promise.all([import('./diff.ts'), import('./read.ts')])
  await inProject(options, async (db, project) => {
    const diff = await compareSnapshots(db, await snapshotOf(db, project, from), await snapshotOf(db, project, to))
    print(diff, options.json, ({ added, removed, changed, same }) =>
      [
        `${added.rows} rows added: ${added.judged} judged since, ${added.votes} by further votes, ${added.filters} by the filters`,
        `${removed.rows} removed: ${removed.withdrawn} withdrawn or corrected, ${removed.votes} by further votes, ${removed.filters} by the filters`,
        `${changed.rows} changed: ${changed.flipped} flipped, ${changed.label} by margin or share, ${changed.split} in the other split`,
        `${same} the same`,
      ].join('\n'),
    )
  })
}

interface ExportOptions extends Options {
  format: string
  packing: 'jsonl' | 'parquet'
  margin?: boolean
  split?: 'train' | 'test'
  out: string
}

/** One file of a split, or a folder that `datasets.load_dataset` opens: the card and a file a split. */
async function write(name: string, { format, packing, margin, split, out, ...options }: ExportOptions): Promise<void> {
  const [{ openDataset }, { snapshotOf }] = await Promise.all([import('./export.ts'), import('./read.ts')])
  await inProject(options, async (db, project) => {
    const snapshot = await snapshotOf(db, project, name)
    const file = async (path: string, one: 'train' | 'test') => {
      const { bytes, rows, unwritten } = openDataset(db, snapshot, { format, packing, margin, split: one })
      await pipeline(Readable.from(bytes), createWriteStream(path))
      return { file: path, split: one, rows: rows(), unwritten: unwritten() }
    }
    const files = []
    if (split) files.push(await file(out, split))
    else {
      openDataset(db, snapshot, { format, packing, margin })
      mkdirSync(out, { recursive: true })
      for (const one of ['train', 'test'] as const)
        if (snapshot.counts.splits[one].rows) files.push(await file(join(out, `${one}.${packing}`), one))
      writeFileSync(join(out, 'README.md'), snapshot.card)
    }
    print({ hash: snapshot.hash, files }, options.json, (written) =>
      written.files
        .map(
          ({ file, rows, unwritten }) =>
            `${rows} rows written to ${file}${unwritten ? `; ${unwritten} cannot be said in this format` : ''}`,
        )
        .join('\n'),
    )
  })
}

const number = decimal()
const numbers = (text: string, before: number[] = []) => [...before, number(text)]

export function datasetCommands(program: Command): void {
  const dataset = program
    .command('dataset')
    .description('Datasets: what people said, frozen, in the form that trainers read')
  const under = (name: string, description: string) =>
    dataset.command(name).description(description).requiredOption('--project <project>', 'id or name')

  const making = under('make', 'Take a dataset of what people said so far')
    .option('--name <name>', 'what it is called')
    .addOption(
      new Option('--kind <kind>', 'what its rows are').choices(['preference', 'demonstration']).default('preference'),
    )
    .addOption(
      new Option(
        '--rule <rule>',
        'majority: who leads; each: every judgement; soft: the share; weighed: the probability by the record of each annotator',
      ).choices(['majority', 'each', 'soft', 'weighed']),
    )
    .option('--attribute <name>', 'what was compared: preference, or an aspect')
    .option('--min-votes <n>', 'votes that a pair needs', number)
    .option('--min-agreement <share>', 'share of its votes that must agree, 0 to 1', number)
    .addOption(new Option('--ties <what>', 'leave them out, or keep them as 0.5').choices(['leave-out', 'half']))
    .option('--person <id...>', 'these people alone')
    .option('--without-person <id...>', 'not these people')
    .option('--simulated', 'simulated annotators alone')
    .option('--no-simulated', 'people alone')
    .option('--role <role...>', 'members with one of these roles')
    .option('--guideline <version...>', 'judgements under these versions', numbers)
    .option('--tag <tag...>', 'prompts with one of these tags')
    .option('--from <time>', 'judgements from then on (ISO 8601 with time zone)')
    .option('--to <time>', 'judgements before then')
    .addOption(new Option('--source <source...>', 'where rows come from').choices(['person', 'import']))
    .option('--seed <n>', 'seed of the split', number)
    .option('--test-share <share>', 'share of prompts held out, 0 to 0.9', number)
    .option('--split-anew', 'forget what earlier datasets held out')
  example(
    withData(making),
    'dataset make --project Helpdesk --rule majority --min-votes 2 --min-agreement 0.6 --no-simulated',
    'dataset make --project Helpdesk --kind demonstration --tag returns',
  ).action(action(make))

  example(withData(under('list', 'List datasets, newest first')), 'dataset list --project Helpdesk').action(
    action(list),
  )
  const named = (command: Command) => command.argument('<dataset>', 'name, id, or the beginning of its hash')
  example(
    withData(named(under('show', 'Show the card of a dataset'))),
    'dataset show preference-1 --project Helpdesk',
  ).action(action(show))
  example(
    withData(under('diff', 'Say what lies between two datasets').argument('<from>').argument('<to>')),
    'dataset diff preference-1 preference-2 --project Helpdesk',
  ).action(action(compare))
  const writing = named(under('export', 'Write a dataset as files that trainers read'))
    .requiredOption(
      '--format <format>',
      'trl-preference, trl-preference-implicit, trl-preference-conversational, kto, trl-prompt-completion, trl-prompt-completion-conversational, hh, annotators, jsonl',
    )
    .addOption(new Option('--packing <packing>', 'how rows are packed').choices(['jsonl', 'parquet']).default('jsonl'))
    .option('--margin', 'pairs: their strength as a column "margin", which reward trainers take into their loss')
    .addOption(new Option('--split <split>', 'this split alone, as one file').choices(['train', 'test']))
    .requiredOption('--out <path>', 'a folder for both splits and the card; with --split, a file')
  example(
    withData(writing),
    'dataset export preference-1 --project Helpdesk --format trl-preference --out helpdesk-pairs',
    'train reward --model preset:1m --data helpdesk-pairs/train.jsonl --eval helpdesk-pairs/test.jsonl --out runs/reward',
  ).action(action(write))
}

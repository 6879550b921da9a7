// Rows a second and peak memory of reading and writing a million rows, each case in a process of its own.
//   nice -n 10 node bench/formats/bench.mjs [rows]
// The baseline reads the same JSON lines with node:readline and JSON.parse and does nothing with them: compare with it,
// for rows a second are those of the machine and of what else runs on it.
import { execFileSync } from 'node:child_process'
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createGzip } from 'node:zlib'

const root = fileURLToPath(new URL('../..', import.meta.url))
const built = join(root, 'node_modules', '.cache', 'bench-formats')

const record = (i) => ({
  prompt: [{ role: 'user', content: `Question ${i}: what is a good way to learn to play the piano?` }],
  responses: [
    { content: `Practise a little every day, slowly, ${i % 97} minutes at first.` },
    { content: `"Nobody" knows, ask ${(i * 7919) % 1000} others.` },
  ],
  judgement: { kind: 'preference', chosen: i % 2, rejected: 1 - (i % 2) },
  metadata: { id: i },
})

function* records(rows) {
  for (let i = 0; i < rows; i++) yield record(i)
}

const extra = [{ name: 'id', type: 'integer' }]
/** name: [writer, packing, format, file name] */
const cases = {
  'trl-preference jsonl': ['trl-preference', 'jsonl', 'trl-preference', 'p.jsonl'],
  'trl-preference jsonl.gz': ['trl-preference', 'jsonl', 'trl-preference', 'p.jsonl.gz'],
  'trl conversational jsonl': ['trl-preference-conversational', 'jsonl', 'trl-preference', 'c.jsonl'],
  'hh jsonl': ['hh', 'jsonl', 'hh', 'h.jsonl'],
  'own jsonl': ['jsonl', 'jsonl', 'jsonl', 'o.jsonl'],
  'own csv': ['csv', 'csv', 'csv', 'o.csv'],
  'trl-preference parquet': ['trl-preference', 'parquet', undefined, 'p.parquet'],
}

async function write(engine, folder, [writer, packing, , fileName], rows) {
  const bytes = engine.writerNamed(writer).write(records(rows), { packing, extra })
  const file = createWriteStream(join(folder, fileName))
  await (fileName.endsWith('.gz') ? pipeline(bytes, createGzip({ level: 1 }), file) : pipeline(bytes, file))
}

async function read(engine, folder, [, , format, fileName], rows) {
  const items = engine.formatNamed(format).parse(createReadStream(join(folder, fileName)), { fileName })
  let found = 0
  for await (const item of items) {
    if (engine.isProblem(item)) throw new Error(`line ${item.line}: ${item.reason}`)
    found += 1
  }
  if (found !== rows) throw new Error(`${found} of ${rows} rows came back`)
}

async function baseline(folder) {
  for await (const line of createInterface({ input: createReadStream(join(folder, 'p.jsonl')) })) JSON.parse(line)
}

async function child(what, name, folder, rows) {
  const engine = await import(join(built, 'formats', 'index.js'))
  const started = performance.now()
  if (what === 'write') await write(engine, folder, cases[name], rows)
  else if (what === 'read') await read(engine, folder, cases[name], rows)
  else await baseline(folder)
  const seconds = (performance.now() - started) / 1000
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024)
  process.stdout.write(JSON.stringify({ rowsPerSecond: Math.round(rows / seconds), peakMb }))
}

function build() {
  rmSync(built, { recursive: true, force: true })
  mkdirSync(built, { recursive: true })
  writeFileSync(join(built, 'package.json'), '{"type":"module"}')
  const config = {
    extends: join(root, 'tsconfig.build.json'),
    compilerOptions: { rootDir: join(root, 'src'), outDir: built, sourceMap: false },
    include: [join(root, 'src/formats')],
    exclude: [join(root, 'src/formats/*.test.ts')],
  }
  writeFileSync(join(built, 'tsconfig.json'), JSON.stringify(config))
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', built], { stdio: 'inherit' })
}

function measure(rows) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-formats-'))
  const run = (what, name) => {
    const args = [fileURLToPath(import.meta.url), what, name, folder, String(rows)]
    const result = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }))
    const cells = [
      what.padEnd(8),
      name.padEnd(26),
      String(result.rowsPerSecond).padStart(9),
      'rows/s',
      String(result.peakMb).padStart(5),
      'MB',
    ]
    process.stdout.write(`${cells.join(' ')}\n`)
  }
  try {
    build()
    for (const [name, chosen] of Object.entries(cases)) {
      run('write', name)
      process.stdout.write(`${''.padEnd(36)}${(statSync(join(folder, chosen[3])).size / 1e6).toFixed(0)} MB file\n`)
    }
    run('baseline', 'readline and JSON.parse')
    for (const [name, [, , format]] of Object.entries(cases)) if (format) run('read', name)
    run('baseline', 'readline and JSON.parse')
  } finally {
    rmSync(folder, { recursive: true })
    rmSync(built, { recursive: true })
  }
}

const [what, name, folder, rows] = process.argv.slice(2)
if (folder) await child(what, name, folder, Number(rows))
else measure(Number(what ?? 1_000_000))

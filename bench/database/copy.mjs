// Rows a second of db backup, db restore, db move and db check, with peak memory of this process.
//   npm run build && node bench/database/copy.mjs [rows]
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const load = (path) => import(new URL(`../../dist/server/platform/database/${path}`, import.meta.url).href)
const [{ openDatabase }, { migrate }, { backup, restore, move }, { checkDatabase }] = await Promise.all(
  ['connect.js', 'migrate.js', 'copy/copy.js', 'copy/check.js'].map(load),
)
const rows = Number(process.argv[2] ?? 1_000_000)
const folder = mkdtempSync(join(tmpdir(), 'plumbline-bench-'))
chmodSync(folder, 0o755)
const open = (name) => openDatabase({ dataDir: join(folder, name), url: '', role: 'command' })

const source = await open('source')
await migrate(source.pool)
await source.pool.query(
  `INSERT INTO messages (id, project_id, role, text, hash, author, origin)
   SELECT gen_random_uuid(), gen_random_uuid(), 'assistant', repeat(md5(i::text) || ' ', 8), decode(md5(i::text), 'hex'), 'import', '{"column": 1}'
   FROM generate_series(1, $1::int) i`,
  [rows],
)
let peak = 0
const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50)
async function measure(name, act) {
  const start = performance.now()
  const { bytes } = await act()
  const seconds = (performance.now() - start) / 1000
  const size = bytes ? `, ${(bytes / 1e6).toFixed(0)} MB` : ''
  console.log(`${name}: ${seconds.toFixed(1)} s, ${Math.round(rows / seconds)} rows/s${size}`)
}
const file = join(folder, 'whole.backup')
const [restored, moved] = [await open('restored'), await open('moved')]
await measure('backup', () => backup(source.pool, file))
await measure('restore', () => restore(file, restored.pool))
await measure('move', () => move(source.pool, moved.pool))
await measure('check', () => checkDatabase(source.pool))
clearInterval(watch)
console.log(`peak memory of the process: ${(peak / 1e6).toFixed(0)} MB`)
for (const database of [source, restored, moved]) await database.close()
rmSync(folder, { recursive: true })

/** A process that opens the database of a folder (argv: DATA, role), says so, answers SQL line by line and leaves on SIGTERM. */
import { createInterface } from 'node:readline'
import { openDatabase } from '../src/platform/database/connect.ts'
import { toProblem } from '../src/platform/errors.ts'

const [dataDir, role] = process.argv.slice(2) as [string, 'serve' | 'command']
const tell = (message: unknown) => process.stdout.write(`${JSON.stringify(message)}\n`)

try {
  const database = await openDatabase({ dataDir, url: '', role })
  const end = async () => {
    await database.close()
    process.exit(0)
  }
  process.once('SIGTERM', end)
  // Ctrl-C reaches every process of the terminal's group; this one ends in its own time.
  process.on('SIGINT', () => tell({ interrupted: true }))
  const lines = createInterface({ input: process.stdin })
  lines.once('close', end)
  lines.on('line', async (sql) => {
    try {
      tell({ rows: (await database.pool.query(sql)).rows })
    } catch (error) {
      tell({ fault: (error as Error).message })
    }
  })
  tell({ open: true })
} catch (error) {
  tell({ problem: toProblem(error) })
  process.exitCode = 1
}

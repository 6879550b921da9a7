/** A process that runs jobs of the database in argv until it is killed; says when a job has saved its tenth checkpoint. */
import pg from 'pg'
import { pino } from 'pino'
import { dbOver } from '../src/platform/db.ts'
import { createJobs } from '../src/platform/jobs/runner.ts'
import { counting } from './jobs.ts'

const connection = { connectionString: process.argv[2]! }
const db = dbOver(new pg.Pool({ ...connection, max: 4 }))
const jobs = createJobs({ db, connection, log: pino({ level: 'silent' }), pauseMs: 50 })
jobs.handle('count', (run) => counting(db, run, (n) => n === 10 && process.stdout.write('counting\n')))
await jobs.run()

/** `/metrics` in the Prometheus form. Labels are kinds of address and codes, never ids: their number stays bounded. */
import type { MiddlewareHandler } from 'hono'
import { sql } from 'kysely'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type Db, one } from '../sql.ts'

interface Metrics {
  registry: Registry
  measure: MiddlewareHandler
}

const kindOf = (path: string) => (path.startsWith('/api/auth/') ? 'auth' : path.startsWith('/api/') ? 'api' : 'web')

/** What is asked of the database when somebody reads the metrics. */
const asked = (db: Db) =>
  one(
    db,
    sql<{ unsealed: number; behind: number; jobs: number }>`
      SELECT (SELECT count(*) FROM audit WHERE (epoch, xid, position) > (SELECT epoch, xid, position FROM audit_head)) AS unsealed,
        (SELECT count(*) FROM events WHERE (epoch, xid, position) > (
          SELECT epoch, xid, position FROM followers ORDER BY epoch, xid, position LIMIT 1)) AS behind,
        (SELECT count(*) FROM jobs WHERE state IN ('waiting', 'running')) AS jobs`,
  )

export function createMetrics(db: Db): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'plumbline_http_request_seconds',
    help: 'Duration of requests by kind of address and status',
    labelNames: ['method', 'kind', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  })
  const behind = new Gauge({
    name: 'plumbline_events_behind',
    help: 'Events that the slowest follower has not read',
    registers,
  })
  const jobs = new Gauge({ name: 'plumbline_jobs_open', help: 'Jobs that wait or run', registers })
  new Gauge({
    name: 'plumbline_audit_unsealed_rows',
    help: 'Audit rows not linked into the chain yet',
    registers,
    async collect() {
      const now = await asked(db)
      this.set(now.unsealed)
      behind.set(now.behind)
      jobs.set(now.jobs)
    },
  })
  return {
    registry,
    measure: async (c, next) => {
      const end = requests.startTimer()
      await next()
      end({ method: c.req.method, kind: kindOf(c.req.path), status: String(c.res.status) })
    },
  }
}

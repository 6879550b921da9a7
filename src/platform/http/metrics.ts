/** `/metrics` in the Prometheus form. Labels are routes and codes, never ids: their number stays bounded. */
import type { MiddlewareHandler } from 'hono'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export interface Metrics {
  registry: Registry
  measure: MiddlewareHandler
  claims: Counter<'outcome'>
  unsealed: Gauge
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'plumbline_http_request_seconds',
    help: 'Duration of requests by kind of address and status',
    labelNames: ['method', 'kind', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  })
  const claims = new Counter({
    name: 'plumbline_claims_total',
    help: 'Claims by outcome',
    labelNames: ['outcome'],
    registers: [registry],
  })
  const unsealed = new Gauge({
    name: 'plumbline_audit_unsealed_rows',
    help: 'Audit rows not linked yet',
    registers: [registry],
  })
  const kindOf = (path: string) => (path.startsWith('/api/auth/') ? 'auth' : path.startsWith('/api/') ? 'api' : 'web')
  return {
    registry,
    claims,
    unsealed,
    measure: async (c, next) => {
      const end = requests.startTimer()
      await next()
      end({ method: c.req.method, kind: kindOf(c.req.path), status: String(c.res.status) })
    },
  }
}

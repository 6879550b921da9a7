/** The browser side: bundled files by name, and one page for every other address. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import type { Hono } from 'hono'
import { contentSecurityPolicy, newNonce } from './security.ts'

/** Mounts the files of `root` (dist/web). Bundled files carry their hash in their name and never change. */
export function mountWeb(app: Hono, root: string): void {
  const page = readFileSync(join(root, 'index.html'), 'utf8')
  app.use(
    '/assets/*',
    serveStatic({ root, onFound: (_, c) => c.header('cache-control', 'public, max-age=31536000, immutable') }),
  )
  app.get('/:file{[a-z0-9-]+\\.(?:svg|png|ico|txt|webmanifest)}', serveStatic({ root }))
  app.get('*', (c) => {
    const nonce = newNonce()
    c.header('content-security-policy', contentSecurityPolicy(nonce))
    c.header('cache-control', 'no-store')
    return c.html(page.replaceAll('__CSP_NONCE__', nonce))
  })
}

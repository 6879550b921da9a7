/** Builds the gallery of widgets and serves it the way the product is served: under the strict policy, with a nonce. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.html': 'text/html; charset=utf-8',
}

const policy = (nonce: string) =>
  [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

export interface Gallery {
  url: string
  /** The same pages without a policy: what must hold by the widgets alone. */
  bareUrl: string
  close: () => Promise<void>
}

export async function openGallery(): Promise<Gallery> {
  const outDir = mkdtempSync(join(tmpdir(), 'plumbline-gallery-'))
  const configFile = fileURLToPath(new URL('../vite.config.ts', import.meta.url))
  process.env.PLUMBLINE_GALLERY = '1'
  await build({ configFile, logLevel: 'error', build: { outDir, emptyOutDir: true } })

  const serve = (guarded: boolean) =>
    new Promise<{ url: string; close: () => void }>((ready) => {
      const server = createServer((request, response) => {
        const path = normalize(new URL(request.url ?? '/', 'http://gallery').pathname)
        const file = join(outDir, path)
        if (extname(path) && statSync(file, { throwIfNoEntry: false })?.isFile()) {
          response.setHeader('content-type', types[extname(path)] ?? 'application/octet-stream')
          response.end(readFileSync(file))
          return
        }
        const nonce = randomBytes(16).toString('base64')
        if (guarded) response.setHeader('content-security-policy', policy(nonce))
        response.setHeader('content-type', types['.html']!)
        response.end(readFileSync(join(outDir, 'gallery.html'), 'utf8').replace('__CSP_NONCE__', guarded ? nonce : ''))
      })
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo
        ready({ url: `http://127.0.0.1:${port}`, close: () => server.close() })
      })
    })

  const [guarded, bare] = await Promise.all([serve(true), serve(false)])
  return {
    url: guarded.url,
    bareUrl: bare.url,
    close: async () => {
      guarded.close()
      bare.close()
      rmSync(outDir, { recursive: true, force: true })
    },
  }
}

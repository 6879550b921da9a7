// Compiles the server with tsc and bundles the browser side with Vite, both at once.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './ready.mjs'

const bin = (path) => join(root, 'node_modules', path)
const run = (name, args) =>
  new Promise((done) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
    child.once('exit', (code) => done(code === 0 ? undefined : `${name} exited with ${code}`))
  })

rmSync(join(root, 'dist'), { recursive: true, force: true })
const failures = await Promise.all([
  run('tsc', [bin('typescript/bin/tsc'), '-p', 'tsconfig.build.json']),
  run('vite', [bin('vite/bin/vite.js'), 'build', '--logLevel', 'warn']),
])
for (const failure of failures) if (failure) process.stderr.write(`build: ${failure}\n`)
process.exitCode = failures.some(Boolean) ? 1 : 0

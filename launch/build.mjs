// Compiles the server with tsc and bundles the browser side with Vite, both at once; the old build stays until both are done.
import { spawn } from 'node:child_process'
import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './ready.mjs'

const bin = (path) => join(root, 'node_modules', path)
const run = (name, args) =>
  new Promise((done) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
    child.once('exit', (code) => done(code === 0 ? undefined : `${name} exited with ${code}`))
  })

const fresh = join(root, `dist.${process.pid}`)
const old = join(root, `dist.old.${process.pid}`)
const place = join(root, 'dist')
const failures = await Promise.all([
  run('tsc', [bin('typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--outDir', join(fresh, 'server')]),
  run('vite', [bin('vite/bin/vite.js'), 'build', '--logLevel', 'warn', '--outDir', join(fresh, 'web')]),
])
for (const failure of failures) if (failure) process.stderr.write(`build: ${failure}\n`)
if (failures.some(Boolean)) {
  rmSync(fresh, { recursive: true, force: true })
  process.exitCode = 1
} else {
  rmSync(old, { recursive: true, force: true })
  try {
    renameSync(place, old)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  try {
    renameSync(fresh, place)
  } catch (error) {
    // Another command has built meanwhile, from the same sources.
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error
    rmSync(fresh, { recursive: true, force: true })
  }
  rmSync(old, { recursive: true, force: true })
}

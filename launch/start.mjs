// Makes the checkout ready, then becomes the program.
import { ensureBuilt, ensureInstalled, ensureNode } from './ready.mjs'

ensureNode()
ensureInstalled()
ensureBuilt()
await import('../dist/server/main.js')

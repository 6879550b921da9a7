/** Where the entry of a thread lies. */
import { fileURLToPath } from 'node:url'

/** Node runs JavaScript alone: where this is a source file, the thread is what was built. `file` is as in `dist/server`. */
export const threadEntry = (file: string): string =>
  fileURLToPath(new URL(`${import.meta.url.endsWith('.js') ? '..' : '../../dist/server'}/${file}`, import.meta.url))

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
/** The gallery of widgets, for development and the browser tests; never part of the product. */
const gallery = process.env.PLUMBLINE_GALLERY === '1'

export default defineConfig({
  root: at('src/web'),
  build: {
    outDir: at(gallery ? 'dist/gallery' : 'dist/web'),
    emptyOutDir: true,
    // An inlined font or image would be a `data:` address, which the content security policy refuses for fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: at(gallery ? 'src/web/gallery.html' : 'src/web/index.html'),
      // Libraries mark their files 'use client' for servers that render; here is none.
      onwarn: (warning, log) => warning.code !== 'MODULE_LEVEL_DIRECTIVE' && log(warning),
    },
  },
  server: { port: 7701, proxy: { '/api': 'http://127.0.0.1:7700' } },
})

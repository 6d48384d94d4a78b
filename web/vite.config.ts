// How the web part is built: one page, hashed assets, nothing inlined, because the server's content
// security policy allows neither inline scripts nor data: addresses.

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));

export default defineConfig({
  root,
  plugins: [react()],
  build: {
    outDir: resolve(process.env['WEB_OUT_DIR'] ?? resolve(root, '../dist/web')),
    emptyOutDir: true,
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    rolldownOptions: {
      output: {
        // What changes rarely stays in the reader's cache over a release of the pages.
        codeSplitting: {
          groups: [
            {
              name: 'framework',
              test: /node_modules\/(react|react-dom|scheduler|@tanstack)\//,
            },
          ],
        },
      },
    },
  },
});

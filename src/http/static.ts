// The built web pages. Files under /assets/ carry a hash in their name and are kept for ever; the
// page itself is asked for each time, so that a new release is seen at once. Addresses of the
// single-page app are the app's own business: they all get the page.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import staticFiles from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const NOT_BUILT =
  'The web pages are not built yet: stop this process and run `npm start`, which builds them.\n';

/** Serves the pages of `folder` wherever no other route answers. */
export function addPages(app: FastifyInstance, folder: string): void {
  const isBuilt = existsSync(join(folder, 'index.html'));
  if (isBuilt) {
    app.register(staticFiles, {
      root: folder,
      cacheControl: false,
      setHeaders: (reply, path) => {
        const isAsset = path.startsWith(join(folder, 'assets'));
        reply.header('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    if (!isNavigation(request)) {
      return reply.code(404).type('text/plain').send('There is nothing at this address.\n');
    }
    if (isBuilt) return reply.sendFile('index.html');
    return reply.code(503).type('text/plain').send(NOT_BUILT);
  });
}

function isNavigation(request: FastifyRequest): boolean {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const acceptsPage = /text\/html|\*\/\*/.test(request.headers.accept ?? '*/*');
  return isRead && acceptsPage && !request.url.startsWith('/assets/');
}

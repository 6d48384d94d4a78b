// nginx as a plain reverse proxy: what any gateway is held against. One worker, connections kept on
// both sides, nothing switched on that a proxy of streams could do without.

import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isListening, startChild, waitUntil } from './child.ts';
import { onCore } from './machine.ts';
import type { Place, Subject } from './subject.ts';

interface Variant {
  readonly name: string;
  readonly variant: string;
  readonly settings: string;
  /** Lines of the configuration. */
  readonly log: string;
  readonly buffers: string;
}

const PLAIN =
  'one worker, connections kept on both sides, proxy_buffering off with buffers of 64 KB, ' +
  'no access log, request bodies in memory, TLS upstreams verified';
const NO_LOG = 'access_log off;';
/** A canned answer fits into one: half the cost of nginx's own 4 KB. */
const LARGE_BUFFERS = 'proxy_buffer_size 64k; proxy_buffers 4 64k;';

const VARIANTS: readonly Variant[] = [
  {
    name: 'nginx',
    variant: 'plain',
    settings: PLAIN,
    log: NO_LOG,
    buffers: `proxy_buffering off; ${LARGE_BUFFERS}`,
  },
  {
    name: 'nginx-log',
    variant: 'with access log',
    settings: PLAIN.replace('no access log', 'buffered access log'),
    log: 'access_log access.log combined buffer=64k flush=1s;',
    buffers: `proxy_buffering off; ${LARGE_BUFFERS}`,
  },
  {
    name: 'nginx-small',
    variant: 'small buffers',
    settings: PLAIN.replace('64 KB', '4 KB'),
    log: NO_LOG,
    buffers: 'proxy_buffering off;',
  },
];

export const NGINX: readonly Subject[] = VARIANTS.map((variant) => ({
  name: variant.name,
  variant: variant.variant,
  settings: variant.settings,
  async start(place) {
    const { folder, core, port } = place;
    const file = join(folder, 'nginx.conf');
    await writeFile(file, describe(place, variant));
    const spawn = () => startChild(onCore(core, 'nginx', '-p', folder, '-c', file, '-e', 'stderr'));
    let child = await spawn();
    await waitUntil(child, () => isListening(port));
    return {
      version: readVersion(),
      chatPath: '/v1/chat/completions',
      messagesPath: '/v1/messages',
      headers: ['authorization: Bearer sk-0123456789abcdef0123456789abcdef0123456789abcdef'],
      model: 'gpt-4o',
      messagesModel: 'claude-sonnet-5',
      translates: false,
      get pids() {
        return [child.pid];
      },
      async restart() {
        await child.stop();
        child = await spawn();
      },
      stop: () => child.stop(),
    };
  },
}));

/** It says so on stderr. */
function readVersion(): string {
  const output = execFileSync('sh', ['-c', 'nginx -v 2>&1'], { encoding: 'utf8' });
  return /nginx\/(\S+)/.exec(output)?.[1] ?? 'unknown';
}

function describe(place: Place, { log, buffers }: Variant): string {
  const { folder, port, upstreamUrl, caFile } = place;
  const { port: upstreamPort, protocol } = new URL(upstreamUrl);
  const tls =
    caFile === undefined
      ? ''
      : `proxy_ssl_verify on;
      proxy_ssl_trusted_certificate ${caFile};
      proxy_ssl_name localhost;
      proxy_ssl_server_name on;`;
  return `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 8192; }
http {
  ${log}
  client_body_temp_path ${folder}/bodies;
  proxy_temp_path ${folder}/answers;
  upstream provider {
    server 127.0.0.1:${upstreamPort};
    keepalive 2048;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    keepalive_requests 1000000000;
    client_max_body_size 64m;
    client_body_buffer_size 512k;
    location / {
      proxy_pass ${protocol}//provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      ${buffers}
      ${tls}
    }
  }
}
`;
}

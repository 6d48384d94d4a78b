// What stands behind the subjects: the stand-in for a provider, and in front of it, where a
// measurement wants TLS, an nginx with a certificate that signs itself.

import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePort, isListening, startChild, waitUntil } from './child.ts';
import { onCore } from './machine.ts';
import { findProgram } from './programs.ts';

export interface Upstream {
  /** Plain HTTP, for whoever measures without a subject between. */
  readonly port: number;
  /** As a subject gets it. */
  readonly url: string;
  readonly caFile: string | undefined;
  stop(): Promise<void>;
}

export type Transport = 'http' | 'https';

export async function startUpstream(
  transport: Transport,
  folder: string,
  core: number | undefined,
): Promise<Upstream> {
  const child = await startChild(onCore(core, findProgram('upstream')));
  const port = await waitUntil(child, () => {
    const found = /^port (\d+)/m.exec(child.output())?.[1];
    return found === undefined ? undefined : Number(found);
  });
  const plain = { port, url: `http://127.0.0.1:${port}`, caFile: undefined, stop: child.stop };
  if (transport === 'http') return plain;
  const front = await startTlsFront(port, folder, core);
  return {
    ...plain,
    ...front,
    async stop() {
      await front.stop();
      await child.stop();
    },
  };
}

async function startTlsFront(
  plainPort: number,
  folder: string,
  core: number | undefined,
): Promise<Pick<Upstream, 'url' | 'caFile' | 'stop'>> {
  await mkdir(folder, { recursive: true });
  const caFile = join(folder, 'certificate.pem');
  const keyFile = join(folder, 'key.pem');
  makeCertificate(caFile, keyFile);
  const port = await findFreePort();
  const file = join(folder, 'tls-front.conf');
  await writeFile(file, describeFront({ port, plainPort, folder, caFile, keyFile }));
  const command = onCore(core, 'nginx', '-p', folder, '-c', file, '-e', 'stderr');
  const child = await startChild(command);
  await waitUntil(child, () => isListening(port));
  return { url: `https://localhost:${port}`, caFile, stop: child.stop };
}

function makeCertificate(caFile: string, keyFile: string): void {
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const about = [
    '-days',
    '30',
    '-addext',
    'basicConstraints=critical,CA:FALSE',
    '-subj',
    '/CN=localhost',
    '-addext',
    names,
  ];
  const files = ['-keyout', keyFile, '-out', caFile];
  execFileSync('openssl', ['req', '-x509', ...kind, ...about, ...files], { stdio: 'ignore' });
}

interface Front {
  readonly port: number;
  readonly plainPort: number;
  readonly folder: string;
  readonly caFile: string;
  readonly keyFile: string;
}

function describeFront({ port, plainPort, folder, caFile, keyFile }: Front): string {
  return `
daemon off;
worker_processes 1;
pid ${folder}/tls-front.pid;
error_log stderr warn;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path ${folder}/front-bodies;
  proxy_temp_path ${folder}/front-answers;
  upstream plain {
    server 127.0.0.1:${plainPort};
    keepalive 2048;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${caFile};
    ssl_certificate_key ${keyFile};
    ssl_protocols TLSv1.2 TLSv1.3;
    keepalive_requests 1000000000;
    client_max_body_size 64m;
    client_body_buffer_size 512k;
    tcp_nodelay on;
    location / {
      proxy_pass http://plain;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_request_buffering off;
      proxy_buffering off;
      proxy_buffer_size 64k;
      proxy_buffers 4 64k;
    }
  }
}
`;
}

// Loaded into a hub under measurement before its own code: says on a socket, to whoever connects,
// how many bytes were ever allocated on the heap of its main thread. Collected garbage counts too.

import { createServer } from 'node:net';
import { getHeapStatistics } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

const path = process.env['BENCH_HEAP_PROBE'];
if (path && isMainThread) {
  const server = createServer((socket) => {
    // Node 26 has this count; its types do not know it yet.
    const statistics: { total_allocated_bytes?: number } = getHeapStatistics();
    socket.end(String(statistics.total_allocated_bytes ?? Number.NaN));
  });
  server.listen(path).unref();
}

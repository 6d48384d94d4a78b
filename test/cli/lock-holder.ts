// A process that takes a data folder and keeps it until it is killed or told to let go.

import { lockDataDir } from '../../src/host/data-dir.ts';

try {
  const lock = lockDataDir(process.argv[2] ?? '');
  process.send?.('locked');
  process.on('message', () => {
    lock.release();
    process.disconnect?.();
  });
} catch (error) {
  process.send?.((error as Error).message);
  process.disconnect?.();
}

// A hub's folder as a running hub holds it, in the process of the test: locked, its database open,
// its commands behind the control listener, where the command line finds them.

import { systemClock } from '../../src/base/clock.ts';
import { hubCommands } from '../../src/host/commands.ts';
import { startControl } from '../../src/host/control.ts';
import { lockDataDir } from '../../src/host/data-dir.ts';
import { openStorage } from '../../src/host/storage.ts';

export async function serveFolder(
  dataDir: string,
  { baseUrl, databaseUrl }: { readonly baseUrl: string; readonly databaseUrl?: string | undefined },
): Promise<{ close(): Promise<void> }> {
  const lock = lockDataDir(dataDir);
  const database = await openStorage({ dataDir, databaseUrl });
  const commands = hubCommands(database.sql, systemClock, () => baseUrl);
  const control = await startControl({ dataDir, baseUrl, commands });
  return {
    async close() {
      await control.close();
      await database.close();
      lock.release();
    },
  };
}

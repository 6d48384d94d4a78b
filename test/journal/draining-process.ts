// A process that drains a folder into a PostgreSQL database as a node does: started by a test with
// folder, database and node; writes the records that it reads as lines, and says what it meets.

import { createInterface } from 'node:readline';
import { openPostgres } from '../../src/db/postgres.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { drainInto } from './world.ts';

const [folder = '', url = '', nodeId = ''] = process.argv.slice(2);
const database = openPostgres(url);
const journal = await openJournal(folder);
const troubles: string[] = [];
const drain = drainInto(database, journal, nodeId, troubles);
for await (const line of createInterface({ input: process.stdin })) await journal.append(line);
const drained = await drain.flush();
await drain.close();
await journal.close();
await database.close();
process.stdout.write(JSON.stringify({ drained, troubles }));

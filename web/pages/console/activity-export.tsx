// The rows that the list has loaded, as a file for a spreadsheet or a program. Amounts stay the
// exact decimal text that the hub sent.

import { Button } from '@mantine/core';
import type { ActivityRow } from '../../../src/console/contract.ts';
import type { Book } from '../../api/client.ts';
import { toCsv } from '../../parts/csv.ts';
import { download } from '../../parts/download.ts';

export function ActivityExport({ rows, book }: { rows: readonly ActivityRow[]; book: Book }) {
  const name = `requests-${book}`;
  return (
    <div className="export">
      <Button
        variant="default"
        size="compact-md"
        onClick={() => download(`${name}.csv`, 'text/csv', toCsv(rows))}
      >
        CSV
      </Button>
      <Button
        variant="default"
        size="compact-md"
        onClick={() => download(`${name}.ndjson`, 'application/x-ndjson', toLines(rows))}
      >
        NDJSON
      </Button>
    </div>
  );
}

function toLines(rows: readonly ActivityRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

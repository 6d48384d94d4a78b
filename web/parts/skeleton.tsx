// Placeholders that have the final size of what they stand for, so that nothing jumps.

import { Skeleton } from '@mantine/core';

export function SkeletonRows({ rows, columns }: { rows: number; columns: number }) {
  return (
    <tbody aria-hidden="true">
      {Array.from({ length: rows }, (_, row) => (
        // The rows are all alike and never move.
        <tr key={row}>
          <td colSpan={columns}>
            <Skeleton height={21} radius={4} />
          </td>
        </tr>
      ))}
    </tbody>
  );
}

export function SkeletonText({ width }: { width: number }) {
  return <Skeleton component="span" display="inline-block" height={14} width={width} radius={4} />;
}

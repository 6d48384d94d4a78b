// One message of the outbox as its reader would see it. The hub's own links in it work; nothing else
// is made a link, whatever names say.

import { useQuery } from '@tanstack/react-query';
import { mailQuery } from '../../../api/operator.ts';
import { Dialog } from '../../../parts/dialog.tsx';
import { QueryFailure } from '../../../parts/failure.tsx';
import { SkeletonText } from '../../../parts/skeleton.tsx';

export function ReadMail({ id, close }: { readonly id: string; readonly close: () => void }) {
  const { data, error, refetch } = useQuery(mailQuery(id));
  return (
    <Dialog title={data?.subject ?? 'Message'} close={close}>
      {error && !data ? (
        <QueryFailure error={error} retry={refetch} />
      ) : data ? (
        <p className="mail-text">{data.text.split('\n').map(showLine)}</p>
      ) : (
        <SkeletonText width={320} />
      )}
    </Dialog>
  );
}

function showLine(line: string, index: number) {
  const isLink = line.startsWith(`${window.location.origin}/`);
  return (
    <span key={index}>
      {isLink ? <a href={line}>{line}</a> : line}
      {'\n'}
    </span>
  );
}

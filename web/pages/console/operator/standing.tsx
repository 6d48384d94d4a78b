// How the money stands at this moment: what is leased, doubtful or borne by the hub, and which nodes
// hold the leases.

import type { ReconciliationReply } from '../../../../src/console/contract-operator.ts';
import { Money } from '../../../parts/money.tsx';
import { TableFrame } from '../../../parts/page.tsx';
import { Moment } from '../../../parts/time.tsx';

export function BookStandings({ books }: Pick<ReconciliationReply, 'books'>) {
  return (
    <section aria-labelledby="standing">
      <div className="section-head">
        <h2 id="standing">Now</h2>
        <span className="dimmed">Suspense is what the hub bore itself.</span>
      </div>
      <TableFrame>
        <table className="data">
          <caption className="visually-hidden">
            What each book has leased, doubtful and borne
          </caption>
          <thead>
            <tr>
              <th scope="col">Book</th>
              <th scope="col" className="number">
                Leased to nodes
              </th>
              <th scope="col" className="number">
                In quarantine
              </th>
              <th scope="col" className="number">
                Suspense
              </th>
            </tr>
          </thead>
          <tbody>
            {books.map(({ book, leasedNanos, quarantineNanos, suspenseNanos }) => (
              <tr key={book}>
                <th scope="row">{book === 'live' ? 'Live' : 'Test'}</th>
                <td className="number">
                  <Money nanos={leasedNanos} />
                </td>
                <td className="number">
                  <Money nanos={quarantineNanos} />
                </td>
                <td className="number">
                  <Money nanos={suspenseNanos} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </section>
  );
}

export function Nodes({ nodes }: Pick<ReconciliationReply, 'nodes'>) {
  return (
    <section aria-labelledby="nodes">
      <div className="section-head">
        <h2 id="nodes">Nodes</h2>
      </div>
      {nodes.length === 0 ? (
        <p className="dimmed">No node has an open run.</p>
      ) : (
        <TableFrame>
          <table className="data">
            <caption className="visually-hidden">Nodes with an open run</caption>
            <thead>
              <tr>
                <th scope="col">Node</th>
                <th scope="col" className="hide-narrow">
                  Run
                </th>
                <th scope="col" className="hide-tiny">
                  Started
                </th>
                <th scope="col">Last seen</th>
                <th scope="col" className="number">
                  Leased
                </th>
              </tr>
            </thead>
            <tbody>
              {nodes.map((node) => (
                <tr key={node.runId}>
                  <th scope="row" className="mono cell-name">
                    {node.nodeId}
                  </th>
                  <td className="mono cell-name hide-narrow">{node.runId}</td>
                  <td className="hide-tiny">
                    <Moment iso={node.startedAt} />
                  </td>
                  <td>
                    <Moment iso={node.seenAt} />
                  </td>
                  <td className="number">
                    <Money nanos={node.leasedNanos} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </section>
  );
}

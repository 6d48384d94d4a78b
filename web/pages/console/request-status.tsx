// How a request ended, in one or two words behind its HTTP status.

export interface EndedRequest {
  readonly status: number;
  readonly outcome: string;
  readonly errorCode: string | null;
  readonly quarantined: boolean;
}

const OUTCOMES: Readonly<Record<string, { word: string; tone: string }>> = {
  completed: { word: '', tone: 'good' },
  refused: { word: 'refused', tone: 'bad' },
  upstream_error: { word: 'provider failed', tone: 'bad' },
  upstream_broke_off: { word: 'broke off', tone: 'warn' },
  client_closed: { word: 'client left', tone: 'warn' },
};

export function RequestStatus({ request }: { request: EndedRequest }) {
  const { status, outcome, errorCode, quarantined } = request;
  const { word, tone } = OUTCOMES[outcome] ?? { word: outcome, tone: 'warn' };
  return (
    <span
      className={`status status-${quarantined ? 'warn' : tone}`}
      title={errorCode ?? (word || 'completed')}
    >
      <span className="mono">{status}</span>{' '}
      <span className="status-word">{quarantined ? 'in review' : word}</span>
    </span>
  );
}

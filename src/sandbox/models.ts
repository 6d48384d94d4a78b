// The models of the built-in sandbox provider, as the provider itself names them. The list is data:
// the catalog and the documentation read it, and the server serves exactly what stands here.

export type SandboxModelId =
  | 'echo'
  | 'lorem'
  | 'tools'
  | 'agent'
  | 'fail-rate-limit'
  | 'fail-overloaded'
  | 'fail-server'
  | 'fail-auth'
  | 'fail-context'
  | 'fail-timeout'
  | 'fail-mid-stream'
  | 'fail-error-event'
  | 'fail-no-usage'
  | 'fail-bad-usage';

export interface SandboxModel<Id extends string = SandboxModelId> {
  readonly id: Id;
  readonly description: string;
}

const model = <Id extends string>(id: Id, description: string): SandboxModel<Id> =>
  Object.freeze({ id, description });

export const SANDBOX_MODELS: readonly SandboxModel[] = Object.freeze([
  model('echo', 'Answers with the text of the last user message.'),
  model('lorem', 'Answers with lorem ipsum of the length that the user asks for.'),
  model('tools', 'Calls the tools it is given, then quotes their results.'),
  model('agent', 'Makes the calls that the prompt orders, one a turn, then quotes their results.'),
  model('fail-rate-limit', 'Refuses with 429 and retry-after: 1.'),
  model('fail-overloaded', 'Refuses with 503, as an overloaded provider does.'),
  model('fail-server', 'Refuses with 500, as a broken provider does.'),
  model('fail-auth', 'Refuses with 401, as for a wrong provider key.'),
  model('fail-context', 'Refuses with 400 context_length_exceeded, however short the prompt.'),
  model('fail-timeout', 'Accepts the request and never answers.'),
  model('fail-mid-stream', 'Sends half of an answer, then drops the connection.'),
  model('fail-error-event', 'Streams half of an answer, then an error event; 500 unstreamed.'),
  model('fail-no-usage', 'Answers completely, but reports no usage.'),
  model('fail-bad-usage', 'Answers completely, but reports usage that cannot be true.'),
]);

/** Models that are no conversations, each at endpoints of its own. */
export type DirectModelId = 'embed' | 'image' | 'moderate' | 'rerank' | 'speech' | 'transcribe';

export const SANDBOX_DIRECT_MODELS: readonly SandboxModel<DirectModelId>[] = Object.freeze([
  model('embed', 'Makes unit vectors of the words of a text.'),
  model('image', 'Makes images of one pixel.'),
  model('moderate', 'Flags the categories whose names stand in a text.'),
  model('rerank', 'Ranks documents by the words that they share with the query.'),
  model('speech', 'Is silent for a twentieth of a second for each character.'),
  model('transcribe', 'Says how long a recording is.'),
]);

/** The longest answer of any sandbox model, its reasoning included, in sandbox tokens. */
export const SANDBOX_MAX_OUTPUT_TOKENS = 20_000;

export function findSandboxModel(id: string): SandboxModel | undefined {
  return SANDBOX_MODELS.find((candidate) => candidate.id === id);
}

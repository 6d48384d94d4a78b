// Reasoning in a conversation with Responses on one of its sides: it returns to its maker alone,
// unchanged.

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import type { ChatEvent } from '../../../src/chat/events.ts';
import type { ChatRequest } from '../../../src/chat/request.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { Quirks } from '../../../src/protocols/protocol.ts';
import { CONTEXT, decode, fixture, QUIRKS } from '../streams.ts';
import { text } from './requests.ts';

const chat = PROTOCOLS['openai-chat'];
const messages = PROTOCOLS['anthropic-messages'];
const responses = PROTOCOLS['openai-responses'];

const CALL: JsonObject = { type: 'function_call', call_id: '1', name: 'f', arguments: '{}' };
const OUTPUT: JsonObject = { type: 'function_call_output', call_id: '1', output: 'x' };

const read = (input: JsonObject[]) => responses.decodeRequest({ model: 'm', input });

describe('reasoning in a history of Responses', () => {
  const item = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'own==' };

  /** The items of an answer that a Responses client sends back. */
  const itemsOf = (reply: JsonObject): JsonObject[] => reply['output'] as JsonObject[];
  const claudeTurn = () => responses.encodeReply(decode(messages, fixture('messages')), CONTEXT);

  it('returns to Claude byte for byte through a Responses client', () => {
    const [thinking, redacted] = itemsOf(claudeTurn());
    const input = [{ role: 'user', content: 'a' }, thinking!, redacted!, CALL, OUTPUT];
    const { body, dropped } = messages.encodeRequest(
      { ...read(input), maxOutputTokens: 50 },
      QUIRKS,
    );
    expect((body['messages'] as JsonObject[])[1]?.['content']).toMatchObject([
      { type: 'thinking', thinking: 'Zwei Städte 𝄞', signature: 'c2lnbmF0dXJl+/==' },
      { type: 'redacted_thinking', data: 'b3BhcXVl' },
      { type: 'tool_use' },
    ]);
    expect(dropped).toEqual([]);
  });

  it('returns to OpenAI through a client of Messages', () => {
    const turn = decode(responses, fixture('responses'));
    const reply = messages.encodeReply(turn, CONTEXT);
    const [thinking] = reply['content'] as JsonObject[];
    const request = messages.decodeRequest({
      model: 'm',
      max_tokens: 50,
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: [thinking!, text('x')] },
        { role: 'user', content: 'b' },
      ],
    });
    const { body, dropped } = responses.encodeRequest(request, QUIRKS);
    expect((body['input'] as JsonObject[])[1]).toEqual({
      type: 'reasoning',
      id: 'rs_1',
      summary: [{ type: 'summary_text', text: '**Zwei Städte**\n\nKöln 𝄞' }],
      encrypted_content: 'Z2VoZWlt+/==',
    });
    expect(dropped).toEqual([]);
  });

  it("never goes to another maker's provider", () => {
    const input = [{ role: 'user', content: 'a' }, item, CALL, OUTPUT];
    const request = { ...read(input), maxOutputTokens: 50 };
    for (const protocol of [chat, messages]) {
      const { body, dropped } = protocol.encodeRequest(request, QUIRKS);
      expect(JSON.stringify(body)).not.toContain('own==');
      expect(dropped).toHaveLength(1);
    }
    const sealed = itemsOf(claudeTurn()).slice(0, 2);
    const foreign = read([{ role: 'user', content: 'a' }, ...sealed, CALL]);
    const { body, dropped } = responses.encodeRequest(foreign, QUIRKS);
    expect((body['input'] as JsonObject[]).map(({ type }) => type)).toEqual([
      'message',
      'function_call',
    ]);
    expect(dropped).toEqual(['messages.reasoning']);
  });
});

describe('the wish for thinking', () => {
  const wishOf = (reasoning: ChatRequest['reasoning'], quirks: Partial<Quirks> = {}) => {
    const asked = { ...read([{ role: 'user', content: 'a' }]), ...(reasoning && { reasoning }) };
    const { body, dropped } = responses.encodeRequest(asked, { ...QUIRKS, ...quirks });
    return [body['reasoning'], dropped];
  };

  it.each<[ChatRequest['reasoning'], Partial<Quirks>, unknown, string[]]>([
    [{ effort: 'high' }, {}, { effort: 'high', summary: 'auto' }, []],
    [{ budgetTokens: 9000 }, {}, { effort: 'medium', summary: 'auto' }, []],
    [{}, {}, { summary: 'auto' }, []],
    [{ effort: 'low', summary: 'detailed' }, {}, { effort: 'low', summary: 'detailed' }, []],
    [{ effort: 'none' }, {}, { effort: 'none' }, []],
    [undefined, {}, undefined, []],
    [{ effort: 'none' }, { thinkingStyle: 'none', efforts: [] }, undefined, []],
    [{ effort: 'low' }, { thinkingStyle: 'none', efforts: [] }, undefined, ['reasoning_effort']],
    [{ effort: 'high' }, { refusesSummaries: true }, { effort: 'high' }, ['reasoning.summary']],
  ])('is one for a summary, unless there is nothing to see: %j, %j', (asked, quirks, ...wanted) => {
    expect(wishOf(asked, quirks)).toEqual(wanted);
  });
});

describe('a thought that nobody signed', () => {
  const thought = 'Köln … 🌧';
  const events: ChatEvent[] = [
    { type: 'start', id: 'x', model: 'm' },
    { type: 'thinking', text: thought },
    { type: 'tool_call', call: 0, id: '1', name: 'f' },
    { type: 'finish', reason: 'tool_calls' },
  ];
  const replyTo = (body: JsonObject): JsonObject[] =>
    responses.encodeReply(events, { ...CONTEXT, echo: responses.echoOf!(body) })[
      'output'
    ] as JsonObject[];
  const INCLUDE = ['reasoning.encrypted_content'];

  it.each<JsonObject>([{ store: false }, { include: INCLUDE }])(
    'returns to a Chat provider through a client that wants it encrypted: %j',
    (body) => {
      const [item] = replyTo(body);
      expect(item).toMatchObject({ encrypted_content: expect.stringMatching(/^hub:plain:/) });
      // Whatever the client makes of the summary.
      const returned = { ...item!, summary: [] };
      const request = read([{ role: 'user', content: 'a' }, returned, CALL, OUTPUT]);
      const { body: told, dropped } = chat.encodeRequest(request, QUIRKS);
      expect((told['messages'] as JsonObject[])[1]).toMatchObject({ reasoning_content: thought });
      expect(dropped).toEqual([]);
    },
  );

  it('has no encrypted content for a client that does not want it', () => {
    expect(replyTo({})[0]).not.toHaveProperty('encrypted_content');
  });

  it('never goes to a provider that would have to decrypt it', () => {
    const [item] = replyTo({ store: false });
    const input = [{ role: 'user', content: 'a' }, item!, CALL, OUTPUT];
    const edits = responses.editRequest(
      { model: 'm', store: false, input },
      { model: 'm' },
      QUIRKS,
    );
    const edit = edits.find(({ key }) => key === 'input');
    expect(edit).toMatchObject({ dropped: 'input.reasoning' });
    expect(edit?.json).not.toContain('hub:');
    const { body, dropped } = responses.encodeRequest(read(input), QUIRKS);
    expect(JSON.stringify(body)).not.toContain('reasoning"');
    expect(dropped).toEqual(['messages.reasoning']);
  });
});

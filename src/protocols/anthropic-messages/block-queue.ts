// The content blocks of a Messages stream on their way out. Blocks go out one after another, but
// upstreams of other protocols interleave the arguments of parallel calls: so later blocks wait in
// a queue until the head can grow no more, and the head alone streams live.

import { parseJson, type JsonObject } from '../../base/json.ts';
import { formatSse } from '../../base/sse.ts';
import type { ChatEvent } from '../../chat/events.ts';
import { writeCitation } from './citations.ts';
import { MAKER } from './maker.ts';
import { wrapSeal } from '../seals.ts';

interface Block {
  readonly kind: 'text' | 'thinking' | 'redacted_thinking' | 'tool_call';
  readonly content: JsonObject;
  /** Deltas that are not written yet. */
  readonly deltas: JsonObject[];
  /** The call's arguments so far, which tell whether more can come. */
  json: string;
  /** Nothing can be added any more. */
  complete: boolean;
}

export interface BlockQueue {
  /** The bytes that this event lets out; may be empty. */
  push(event: ChatEvent): string;
  /** Everything that waited, with every block closed. */
  end(): string;
  hasCalls(): boolean;
}

/** A queue for one answer. */
export function queueBlocks(): BlockQueue {
  const blocks = collectBlocks();
  let index = 0;
  let headIsOpen = false;

  /** Writes what the head has, and goes on to the next block while the head can grow no more. */
  function drain(atEnd: boolean): string {
    const { queue } = blocks;
    let out = '';
    for (let head = queue[0]; head !== undefined; head = queue[0]) {
      const { content, deltas } = head;
      if (!headIsOpen) out += frame('content_block_start', { index, content_block: content });
      headIsOpen = true;
      for (const delta of deltas.splice(0)) out += frame('content_block_delta', { index, delta });
      head.complete ||= atEnd || (queue.length > 1 && isWholeJson(head));
      if (!head.complete) break;
      out += frame('content_block_stop', { index });
      queue.shift();
      index += 1;
      headIsOpen = false;
    }
    return out;
  }

  return {
    push(event) {
      blocks.add(event);
      return drain(false);
    },
    end() {
      blocks.close();
      if (index === 0 && blocks.queue.length === 0) blocks.add({ type: 'text', text: '' });
      return drain(true);
    },
    hasCalls: blocks.hasCalls,
  };
}

/** One event of the stream, its name equal to its type. */
export function frame(type: string, members: JsonObject): string {
  return formatSse(JSON.stringify({ type, ...members }), type);
}

/** Whether a call's arguments are whole; a parse is tried only where the text can be its end. */
function isWholeJson({ kind, json }: Block): boolean {
  return kind === 'tool_call' && json.trimEnd().endsWith('}') && parseJson(json) !== undefined;
}

/** Turns events into blocks with deltas, in the order in which the blocks were opened. */
function collectBlocks() {
  const queue: Block[] = [];
  const calls: Block[] = [];
  let newest: Block | undefined;

  /** Ends the newest block, but for a call, to which arguments may come late. */
  function close(): void {
    if (newest === undefined || newest.kind === 'tool_call') return;
    const isUnsigned = newest.kind === 'thinking' && !newest.complete;
    // As in a whole answer: some clients return no thoughts that have no signature at all.
    if (isUnsigned) newest.deltas.push({ type: 'signature_delta', signature: '' });
    newest.complete = true;
  }

  function open(kind: Block['kind'], content: JsonObject): Block {
    close();
    newest = { kind, content, deltas: [], json: '', complete: false };
    queue.push(newest);
    return newest;
  }

  function openText(): Block {
    return newest?.kind === 'text' ? newest : open('text', { type: 'text', text: '' });
  }

  function openThinking(): Block {
    if (newest?.kind === 'thinking' && !newest.complete) return newest;
    return open('thinking', { type: 'thinking', thinking: '', signature: '' });
  }

  function add(event: ChatEvent): void {
    switch (event.type) {
      case 'text':
      case 'refusal': {
        const block = openText();
        if (event.text !== '') block.deltas.push({ type: 'text_delta', text: event.text });
        return;
      }
      case 'citation':
        openText().deltas.push({
          type: 'citations_delta',
          citation: writeCitation(event.citation),
        });
        return;
      case 'thinking':
        openThinking().deltas.push({ type: 'thinking_delta', thinking: event.text });
        return;
      case 'thinking_signature': {
        const signature = wrapSeal({ maker: event.maker, data: event.signature }, MAKER);
        const block = openThinking();
        block.deltas.push({ type: 'signature_delta', signature });
        block.complete = true;
        return;
      }
      case 'redacted_thinking': {
        const data = wrapSeal(event, MAKER);
        open('redacted_thinking', { type: 'redacted_thinking', data }).complete = true;
        return;
      }
      case 'tool_call': {
        const { id, name } = event;
        calls[event.call] = open('tool_call', { type: 'tool_use', id, name, input: {} });
        return;
      }
      case 'tool_arguments': {
        const block = calls[event.call];
        if (block === undefined || block.complete) return;
        block.json += event.json;
        block.deltas.push({ type: 'input_json_delta', partial_json: event.json });
      }
    }
  }

  return { queue, add, close, hasCalls: () => calls.length > 0 };
}

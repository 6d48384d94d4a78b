#include "answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** With the opening, the stop and the usage this makes 101 events of chat completions. */
#define CANNED_TEXTS 98

#define ROOM 65536

static const char *const HEADS[PROTOCOLS] = {
    [CHAT] = "HTTP/1.1 200 OK\r\n"
             "date: Mon, 02 Nov 2026 09:30:00 GMT\r\n"
             "server: upstream\r\n"
             "openai-organization: org-example\r\n"
             "openai-processing-ms: 387\r\n"
             "openai-version: 2020-10-01\r\n"
             "x-envoy-upstream-service-time: 391\r\n"
             "x-ratelimit-limit-requests: 10000\r\n"
             "x-ratelimit-remaining-requests: 9998\r\n"
             "x-ratelimit-remaining-tokens: 1999481\r\n"
             "x-request-id: req_5d2f6f0c8a1b4f9db0a3e6c7d8e9f001\r\n",
    [MESSAGES] = "HTTP/1.1 200 OK\r\n"
                 "date: Mon, 02 Nov 2026 09:30:00 GMT\r\n"
                 "server: upstream\r\n"
                 "anthropic-organization-id: 6f1e2d3c-0000-4000-8000-00000000be9c\r\n"
                 "anthropic-ratelimit-requests-limit: 4000\r\n"
                 "anthropic-ratelimit-requests-remaining: 3999\r\n"
                 "anthropic-ratelimit-requests-reset: 2026-11-02T09:30:00Z\r\n"
                 "anthropic-ratelimit-tokens-remaining: 399000\r\n"
                 "request-id: req_011CUbenchbenchbenchbench\r\n"
                 "strict-transport-security: max-age=31536000; includeSubDomains; preload\r\n",
};

#define JSON_HEAD "content-type: application/json\r\ncontent-length: %zu\r\n\r\n"
#define STREAM_HEAD                                   \
  "content-type: text/event-stream; charset=utf-8\r\n" \
  "cache-control: no-cache\r\n"                        \
  "transfer-encoding: chunked\r\n\r\n"

#define WORDS                                                                                      \
  "The short answer is yes: a warm connection saves one round trip for each request that follows," \
  " and costs the server almost nothing while idle."

#define CHAT_USAGE                                                                       \
  "{\"prompt_tokens\":412,\"completion_tokens\":50,\"total_tokens\":462,"                \
  "\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},"                  \
  "\"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0}}"

#define CHAT_CHUNK                                                                    \
  "data: {\"id\":\"chatcmpl-CbEnChMaRk0123456789abcdefghij\","                        \
  "\"object\":\"chat.completion.chunk\",\"created\":1793611800,"                      \
  "\"model\":\"gpt-4o-2024-08-06\",\"service_tier\":\"default\","                     \
  "\"system_fingerprint\":\"fp_cbf1785567\",\"choices\":"

#define CHAT_CHOICE(delta, reason) \
  "[{\"index\":0,\"delta\":" delta ",\"logprobs\":null,\"finish_reason\":" reason "}]"

static const char *const CHAT_JSON =
    "{\"id\":\"chatcmpl-CbEnChMaRk0123456789abcdefghij\",\"object\":\"chat.completion\","
    "\"created\":1793611800,\"model\":\"gpt-4o-2024-08-06\",\"choices\":[{\"index\":0,"
    "\"message\":{\"role\":\"assistant\",\"content\":\"" WORDS "\",\"refusal\":null,"
    "\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
    "\"usage\":" CHAT_USAGE ",\"service_tier\":\"default\","
    "\"system_fingerprint\":\"fp_cbf1785567\"}";

static const char *const CHAT_OPENING =
    CHAT_CHUNK CHAT_CHOICE("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}", "null")
    ",\"usage\":null}\n\n";

static const char *const CHAT_TEXT = CHAT_CHUNK CHAT_CHOICE("{\"content\":\"~%019lld \"}", "null")
    ",\"usage\":null}\n\n";

static const char *const CHAT_CLOSING = CHAT_CHUNK CHAT_CHOICE("{}", "\"stop\"")
    ",\"usage\":null}\n\n" CHAT_CHUNK
    "[],\"usage\":" CHAT_USAGE "}\n\ndata: [DONE]\n\n";

#define MESSAGE_START_USAGE                                                    \
  "{\"input_tokens\":412,\"cache_creation_input_tokens\":0,"                   \
  "\"cache_read_input_tokens\":0,\"cache_creation\":{"                         \
  "\"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":0},"          \
  "\"output_tokens\":%d,\"service_tier\":\"standard\"}"

#define MESSAGE_HEAD                                                               \
  "{\"model\":\"claude-sonnet-5\",\"id\":\"msg_01BenchBenchBenchBenchBe\","        \
  "\"type\":\"message\",\"role\":\"assistant\",\"content\":"

static const char *const MESSAGE_JSON =
    MESSAGE_HEAD "[{\"type\":\"text\",\"text\":\"" WORDS "\"}],\"stop_reason\":\"end_turn\","
    "\"stop_sequence\":null,\"usage\":" MESSAGE_START_USAGE "}";

static const char *const MESSAGE_OPENING =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":" MESSAGE_HEAD
    "[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":" MESSAGE_START_USAGE "}}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
    "event: ping\ndata: {\"type\": \"ping\"}\n\n";

static const char *const MESSAGE_TEXT =
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"~%019lld \"}}\n\n";

static const char *const MESSAGE_CLOSING =
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{"
    "\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"input_tokens\":412,"
    "\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":50}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

static struct text begin_text(void) {
  struct text text = {.bytes = malloc(ROOM), .length = 0};
  if (text.bytes == NULL) abort();
  return text;
}

static void append(struct text *text, const char *bytes) {
  size_t length = strlen(bytes);
  if (text->length + length >= ROOM) abort();
  memcpy(text->bytes + text->length, bytes, length + 1);
  text->length += length;
}

static void append_chunk(struct text *text, const char *bytes) {
  char size[32];
  snprintf(size, sizeof size, "%zx\r\n", strlen(bytes));
  append(text, size);
  append(text, bytes);
  append(text, "\r\n");
}

static struct text make_json(enum protocol protocol) {
  char body[2048];
  if (protocol == CHAT) snprintf(body, sizeof body, "%s", CHAT_JSON);
  else snprintf(body, sizeof body, MESSAGE_JSON, 50);
  char fields[256];
  snprintf(fields, sizeof fields, JSON_HEAD, strlen(body));
  struct text text = begin_text();
  append(&text, HEADS[protocol]);
  append(&text, fields);
  append(&text, body);
  return text;
}

static struct text make_opening(enum protocol protocol) {
  char events[2048];
  if (protocol == CHAT) snprintf(events, sizeof events, "%s", CHAT_OPENING);
  else snprintf(events, sizeof events, MESSAGE_OPENING, 1);
  struct text text = begin_text();
  append(&text, HEADS[protocol]);
  append(&text, STREAM_HEAD);
  append_chunk(&text, events);
  return text;
}

static struct text make_closing(enum protocol protocol) {
  struct text text = begin_text();
  append_chunk(&text, protocol == CHAT ? CHAT_CLOSING : MESSAGE_CLOSING);
  append(&text, "0\r\n\r\n");
  return text;
}

struct answers make_answers(enum protocol protocol) {
  struct answers answers = {
      .json = make_json(protocol),
      .canned = begin_text(),
      .opening = make_opening(protocol),
      .closing = make_closing(protocol),
  };
  append(&answers.canned, answers.opening.bytes);
  for (int i = 0; i < CANNED_TEXTS; i++) {
    char event[EVENT_BYTES];
    write_text_event(event, protocol, 0);
    append(&answers.canned, event);
  }
  append(&answers.canned, answers.closing.bytes);
  return answers;
}

size_t write_text_event(char *out, enum protocol protocol, int64_t stamp) {
  char event[EVENT_BYTES - 16];
  const char *form = protocol == CHAT ? CHAT_TEXT : MESSAGE_TEXT;
  int length = snprintf(event, sizeof event, form, (long long)stamp);
  return (size_t)snprintf(out, EVENT_BYTES, "%x\r\n%s\r\n", (unsigned)length, event);
}

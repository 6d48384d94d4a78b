-- Tokens of sound and pictures, where a provider counts them apart from those of text.

alter table usage_records
  -- Audio input, audio read from a cache, image input, images read from a cache, audio output, image
  -- output; empty where there are none of any, as in most rows.
  add column media_tokens bigint[] not null default '{}',
  add constraint usage_records_media
    check (cardinality(media_tokens) in (0, 6) and 0 <= all (media_tokens));
alter table usage_records alter column media_tokens set statistics 0;

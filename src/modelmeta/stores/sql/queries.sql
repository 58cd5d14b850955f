-- Every query that both dialects share. A file of a dialect may hold another one of the same name.

-- name: version
SELECT coalesce(max(version), 0) FROM schema_migrations;

-- name: migrated
INSERT INTO schema_migrations (version, name, applied_at) VALUES (:version, :name, :applied_at);

-- name: head
SELECT revisions.* FROM head JOIN revisions ON revisions.number = head.number;

-- name: head_id
SELECT revisions.id FROM head LEFT JOIN revisions ON revisions.number = head.number;

-- name: load
SELECT revisions.*, head.snapshot FROM head JOIN revisions ON revisions.number = head.number;

-- name: replace_head
UPDATE head SET number = :number, snapshot = :snapshot;

-- name: insert_revision
INSERT INTO revisions (
    number, id, digest, kind, source, validators, scope, fetched_at, confirmed_at, committed_at,
    models, providers, added, removed, changed, price_changes, exact
) VALUES (
    :number, :id, :digest, :kind, :source, :validators, :scope, :fetched_at, :confirmed_at, :committed_at,
    :models, :providers, :added, :removed, :changed, :price_changes, :exact
);

-- name: confirm_revision
UPDATE revisions SET validators = :validators, confirmed_at = :confirmed_at
WHERE id = :id AND number = (SELECT number FROM head);

-- name: revisions
SELECT * FROM revisions ORDER BY number DESC;

-- name: oldest_kept
SELECT min(number) FROM revisions WHERE number >= :number OR number = (SELECT number FROM head);

-- name: prune_revisions
DELETE FROM revisions WHERE number < :number;

-- name: prune_model_versions
DELETE FROM model_versions WHERE valid_to <= :number;

-- name: prune_part_versions
DELETE FROM part_versions WHERE valid_to <= :number;

-- name: prune_refreshes
DELETE FROM refreshes WHERE started_at < (SELECT committed_at FROM revisions WHERE number = :number);

-- name: end_model_version
UPDATE model_versions SET valid_to = :number
WHERE provider_id = :provider_id AND model_id = :model_id AND valid_to IS NULL;

-- name: insert_model_version
INSERT INTO model_versions (provider_id, model_id, valid_from, raw, exact) VALUES (:provider_id, :model_id, :number, :raw, :exact);

-- name: end_part_version
UPDATE part_versions SET valid_to = :number WHERE part = :part AND key = :key AND valid_to IS NULL;

-- name: insert_part_version
INSERT INTO part_versions (part, key, valid_from, raw, exact) VALUES (:part, :key, :number, :raw, :exact);

-- name: model_versions
SELECT provider_id, model_id, valid_from, valid_to, raw, exact FROM model_versions
WHERE provider_id = :provider_id AND model_id = :model_id ORDER BY valid_from;

-- name: part_versions
SELECT part, key, valid_from, valid_to, raw, exact FROM part_versions WHERE part = :part AND key = :key ORDER BY valid_from;

-- name: model_changes
SELECT provider_id, model_id, valid_from, valid_to, raw, exact FROM model_versions
WHERE (valid_from > :after AND valid_from <= :upto) OR (valid_to > :after AND valid_to <= :upto);

-- name: part_changes
SELECT part, key, valid_from, valid_to, raw, exact FROM part_versions
WHERE (valid_from > :after AND valid_from <= :upto) OR (valid_to > :after AND valid_to <= :upto);

-- name: delete_provider
DELETE FROM providers WHERE provider_id = :provider_id;

-- name: insert_provider
INSERT INTO providers (provider_id, name, npm, api, doc, env, raw) VALUES (:provider_id, :name, :npm, :api, :doc, :env, :raw);

-- name: name_provider
UPDATE models SET provider_name = :name WHERE provider_id = :provider_id AND coalesce(provider_name, '') <> :name;

-- name: count_provider
UPDATE providers SET
    total_models = (SELECT count(*) FROM models WHERE models.provider_id = :provider_id),
    available_models = (SELECT count(*) FROM models WHERE models.provider_id = :provider_id AND coalesce(status, '') <> 'deprecated')
WHERE provider_id = :provider_id;

-- name: sync_providers
UPDATE providers SET last_sync = coalesce(:confirmed_at, last_sync);

-- name: sync_provider
UPDATE providers SET last_sync = coalesce(:confirmed_at, last_sync) WHERE provider_id = :provider_id;

-- name: delete_model
DELETE FROM models WHERE provider_id = :provider_id AND model_id = :model_id;

-- name: insert_model
INSERT INTO models (
    provider_id, model_id, name, provider_name, family, type, status, description, release_date, last_updated, knowledge,
    context, input_limit, output_limit,
    cost_input, cost_output, cost_cache_read, cost_cache_write, cost_reasoning, cost_input_audio, cost_output_audio, price_state,
    attachment, reasoning, tool_call, structured_output, temperature, open_weights, interleaved,
    vision, audio_input, video_input, pdf_input, image_output, audio_output, video_output,
    input_modalities, output_modalities, canonical_model_id, first_seen, changed, raw
) VALUES (
    :provider_id, :model_id, :name, (SELECT name FROM providers WHERE provider_id = :provider_id), :family, :type, :status,
    :description, :release_date, :last_updated, :knowledge,
    :context, :input_limit, :output_limit,
    :cost_input, :cost_output, :cost_cache_read, :cost_cache_write, :cost_reasoning, :cost_input_audio, :cost_output_audio, :price_state,
    :attachment, :reasoning, :tool_call, :structured_output, :temperature, :open_weights, :interleaved,
    :vision, :audio_input, :video_input, :pdf_input, :image_output, :audio_output, :video_output,
    :input_modalities, :output_modalities, :canonical_model_id,
    (SELECT min(valid_from) FROM model_versions WHERE provider_id = :provider_id AND model_id = :model_id), :number, :raw
);

-- name: delete_upstream_benchmarks
DELETE FROM benchmarks WHERE origin = 'upstream' AND model = :model;

-- name: put_benchmark
INSERT INTO benchmarks (
    origin, model, name, metric, variant, harness, version, score, score_text, dataset, source, date, written_at, exact
) VALUES (
    :origin, :model, :name, :metric, :variant, :harness, :version, :score, :score_text, :dataset, :source, :date, :written_at, :exact
) ON CONFLICT (origin, model, name, metric, variant, harness, version) DO UPDATE SET
    score = excluded.score, score_text = excluded.score_text, dataset = excluded.dataset, source = excluded.source, date = excluded.date,
    written_at = excluded.written_at, exact = excluded.exact;

-- name: discard_benchmark
DELETE FROM benchmarks
WHERE origin = 'user' AND model = :model AND name = :name
    AND metric = :metric AND variant = :variant AND harness = :harness AND version = :version;

-- name: benchmarks
SELECT model, name, metric, variant, harness, version, score, score_text, dataset, source, date, written_at, exact
FROM benchmarks WHERE origin = 'user';

-- name: model_benchmarks
SELECT model, name, metric, variant, harness, version, score, score_text, dataset, source, date, written_at, exact
FROM benchmarks WHERE origin = 'user' AND model = :model;

-- name: put_note
INSERT INTO notes (model, name, text, written_at, exact) VALUES (:model, :name, :text, :written_at, :exact)
ON CONFLICT (model, name) DO UPDATE SET text = excluded.text, written_at = excluded.written_at, exact = excluded.exact;

-- name: discard_note
DELETE FROM notes WHERE model = :model AND name = :name;

-- name: notes
SELECT model, name, text, written_at, exact FROM notes;

-- name: model_notes
SELECT model, name, text, written_at, exact FROM notes WHERE model = :model;

-- name: drop_held
DELETE FROM held;

-- name: hold
INSERT INTO held (one, revision, snapshot) VALUES (1, :revision, :snapshot);

-- name: held
SELECT revision, snapshot FROM held;

-- name: record
INSERT INTO refreshes (
    id, started_at, outcome, duration, source, revision, added, removed, changed, price_changes, problems, reason, error, exact
) VALUES (
    :id, :started_at, :outcome, :duration, :source, :revision, :added, :removed, :changed, :price_changes, :problems, :reason, :error, :exact
) ON CONFLICT (id) DO UPDATE SET
    started_at = excluded.started_at, outcome = excluded.outcome, duration = excluded.duration, source = excluded.source,
    revision = excluded.revision, added = excluded.added, removed = excluded.removed, changed = excluded.changed,
    price_changes = excluded.price_changes, problems = excluded.problems, reason = excluded.reason, error = excluded.error,
    exact = excluded.exact;

-- name: refreshes
SELECT id, started_at, outcome, duration, source, revision, added, removed, changed, price_changes, problems, reason, error, exact
FROM refreshes ORDER BY number DESC LIMIT :limit;

-- name: running
SELECT count(*) FROM refreshes WHERE outcome = 'running';

-- name: mark_crashed
UPDATE refreshes SET outcome = 'crashed' WHERE outcome = 'running' AND id <> :holder;

-- name: release
DELETE FROM lease WHERE holder = :holder;

-- name: entries
SELECT key, value FROM entries WHERE kind = :kind ORDER BY key;

-- name: entry
SELECT max(value) FROM entries WHERE kind = :kind AND key = :key;

-- name: delete_entry
DELETE FROM entries WHERE kind = :kind AND key = :key;

-- name: insert_entry
INSERT INTO entries (kind, key, value) VALUES (:kind, :key, :value);

-- name: kinds
SELECT DISTINCT kind FROM entries ORDER BY kind;

-- name: book
INSERT INTO ledger (
    id, at, model,
    input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, input_audio_tokens, output_audio_tokens,
    tags, total, state, rates, tier, mode, revision, exact
) VALUES (
    :id, :at, :model,
    :input_tokens, :output_tokens, :cache_read_tokens, :cache_write_tokens, :reasoning_tokens, :input_audio_tokens, :output_audio_tokens,
    :tags, :total, :state, :rates, :tier, :mode, :revision, :exact
) ON CONFLICT (id) DO NOTHING;

-- The sum keeps a database from walking from the very first row to the first that is late enough, as it would for the least number itself.
-- name: first_booked
SELECT coalesce(min(number + 0), 0) FROM ledger WHERE at >= :since;

-- name: booked
SELECT * FROM ledger WHERE number > :after AND at >= :since AND at < :until ORDER BY number LIMIT :limit;

-- name: unbook
DELETE FROM ledger WHERE at < :before;

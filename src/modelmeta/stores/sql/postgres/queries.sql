-- What PostgreSQL says in another way. What a commit does to thousands of rows takes them as one JSON array, :rows.

-- name: has_migrations
SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'schema_migrations';

-- name: lease
SELECT holder, session, expires_at <= clock_timestamp() AS expired FROM lease;

-- name: take_lease
INSERT INTO lease (one, holder, session, expires_at) VALUES (1, :holder, :session, clock_timestamp() + make_interval(secs => :seconds))
ON CONFLICT (one) DO UPDATE SET holder = excluded.holder, session = excluded.session, expires_at = excluded.expires_at;

-- name: is_gone
SELECT pg_try_advisory_xact_lock_shared(1835859970, :session);

-- name: end_model_version
UPDATE model_versions SET valid_to = new.number
FROM json_to_recordset(:rows) AS new (provider_id TEXT, model_id TEXT, number INTEGER)
WHERE model_versions.provider_id = new.provider_id AND model_versions.model_id = new.model_id AND valid_to IS NULL;

-- name: insert_model_version
INSERT INTO model_versions (provider_id, model_id, valid_from, raw, exact)
SELECT * FROM json_to_recordset(:rows) AS new (provider_id TEXT, model_id TEXT, number INTEGER, raw TEXT, exact TEXT);

-- name: delete_model
DELETE FROM models USING json_to_recordset(:rows) AS gone (provider_id TEXT, model_id TEXT)
WHERE models.provider_id = gone.provider_id AND models.model_id = gone.model_id;

-- name: insert_model
INSERT INTO models (
    provider_id, model_id, name, provider_name, family, type, status, description, release_date, last_updated, knowledge,
    context, input_limit, output_limit,
    cost_input, cost_output, cost_cache_read, cost_cache_write, cost_reasoning, cost_input_audio, cost_output_audio, price_state,
    attachment, reasoning, tool_call, structured_output, temperature, open_weights, interleaved,
    vision, audio_input, video_input, pdf_input, image_output, audio_output, video_output,
    input_modalities, output_modalities, canonical_model_id, first_seen, changed, raw
) SELECT
    provider_id, model_id, new.name, providers.name, family, type, status, description, release_date, last_updated, knowledge,
    context, input_limit, output_limit,
    cost_input, cost_output, cost_cache_read, cost_cache_write, cost_reasoning, cost_input_audio, cost_output_audio, price_state,
    attachment, reasoning, tool_call, structured_output, temperature, open_weights, interleaved,
    vision, audio_input, video_input, pdf_input, image_output, audio_output, video_output,
    input_modalities, output_modalities, canonical_model_id, seen.first_seen, seen.changed, new.raw
FROM json_populate_recordset(NULL::models, :rows) AS new
LEFT JOIN providers USING (provider_id)
JOIN LATERAL (
    SELECT min(valid_from) AS first_seen, max(valid_from) AS changed FROM model_versions
    WHERE model_versions.provider_id = new.provider_id AND model_versions.model_id = new.model_id
) AS seen ON TRUE;

-- name: book
INSERT INTO ledger (
    id, at, model,
    input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, input_audio_tokens, output_audio_tokens,
    tags, total, state, rates, tier, mode, revision, exact
) SELECT
    id, at, model,
    input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, input_audio_tokens, output_audio_tokens,
    tags, total, state, rates, tier, mode, revision, exact
FROM json_populate_recordset(NULL::ledger, :rows)
ON CONFLICT (id) DO NOTHING;

-- Queries that must stay quick however much there is, each with the indexes that serve it: the name of a table means that of its primary key.
-- "only" names the dialect of a query that the other has in another form.

-- name: models of a provider
-- index: models
SELECT * FROM models WHERE provider_id = 'openai' ORDER BY model_id;

-- name: one model
-- index: models
SELECT * FROM models WHERE provider_id = 'openai' AND model_id = 'gpt-4o';

-- name: cheapest with attachments
-- index: models_attachment
SELECT * FROM models WHERE attachment AND cost_input IS NOT NULL ORDER BY cost_input LIMIT 20;

-- name: cheapest that reason
-- index: models_reasoning
SELECT * FROM models WHERE reasoning AND cost_input IS NOT NULL ORDER BY cost_input LIMIT 20;

-- name: cheapest that call tools
-- index: models_tool_call
SELECT * FROM models WHERE tool_call AND cost_input IS NOT NULL ORDER BY cost_input LIMIT 20;

-- name: cheapest with structured output
-- index: models_structured_output
SELECT * FROM models WHERE structured_output AND cost_input IS NOT NULL ORDER BY cost_input LIMIT 20;

-- name: cheapest with a temperature
-- index: models_temperature
SELECT * FROM models WHERE temperature AND cost_input IS NOT NULL ORDER BY cost_input LIMIT 20;

-- name: cheapest with open weights
-- index: models_open_weights
SELECT * FROM models WHERE open_weights AND cost_input IS NOT NULL ORDER BY cost_input LIMIT 20;

-- name: cheapest with interleaved reasoning
-- index: models_interleaved
SELECT * FROM models WHERE interleaved AND cost_input IS NOT NULL ORDER BY cost_input LIMIT 20;

-- name: cheapest that see
-- index: models_vision
SELECT * FROM models WHERE vision AND cost_input IS NOT NULL ORDER BY cost_input LIMIT 20;

-- name: cheapest that hear
-- index: models_audio_input
SELECT * FROM models WHERE audio_input AND cost_input IS NOT NULL ORDER BY cost_input LIMIT 20;

-- name: cheapest that watch
-- index: models_video_input
SELECT * FROM models WHERE video_input AND cost_input IS NOT NULL ORDER BY cost_input LIMIT 20;

-- name: cheapest that read PDFs
-- index: models_pdf_input
SELECT * FROM models WHERE pdf_input AND cost_input IS NOT NULL ORDER BY cost_input LIMIT 20;

-- name: cheapest that paint
-- index: models_image_output
SELECT * FROM models WHERE image_output AND cost_input IS NOT NULL ORDER BY cost_input LIMIT 20;

-- name: cheapest that speak
-- index: models_audio_output
SELECT * FROM models WHERE audio_output AND cost_input IS NOT NULL ORDER BY cost_input LIMIT 20;

-- name: cheapest that film
-- index: models_video_output
SELECT * FROM models WHERE video_output AND cost_input IS NOT NULL ORDER BY cost_input LIMIT 20;

-- name: cheapest that see and take 200,000 tokens
-- index: models_vision
SELECT * FROM models WHERE vision AND cost_input IS NOT NULL AND context >= 200000 ORDER BY cost_input LIMIT 20;

-- name: models that see, in a price range
-- index: models_vision
SELECT * FROM models WHERE vision AND cost_input BETWEEN 0.1 AND 0.2 ORDER BY cost_input LIMIT 20;

-- name: models in a price range
-- index: models_cost_input
SELECT * FROM models WHERE cost_input BETWEEN 2.5 AND 2.6 AND cost_output <= 15 ORDER BY cost_input LIMIT 20;

-- name: search
-- only: sqlite
-- index: models_fts
SELECT models.* FROM models_fts JOIN models ON models.docid = models_fts.rowid
WHERE models_fts MATCH 'claude sonnet' ORDER BY models_fts.rank LIMIT 20;

-- name: search
-- only: postgres
-- index: models_search
SELECT * FROM models WHERE search @@ plainto_tsquery('simple', 'claude sonnet') LIMIT 20;

-- name: history of a model
-- index: model_versions
SELECT valid_from, valid_to, raw FROM model_versions WHERE provider_id = 'openai' AND model_id = 'gpt-4o' ORDER BY valid_from;

-- name: what changed between two revisions
-- index: model_versions_valid_from model_versions_valid_to
SELECT provider_id, model_id, valid_from, valid_to FROM model_versions
WHERE (valid_from > 1 AND valid_from <= 2) OR (valid_to > 1 AND valid_to <= 2);

-- name: what changed between two revisions, apart from models
-- index: part_versions_valid_from part_versions_valid_to
SELECT part, key, valid_from, valid_to FROM part_versions
WHERE (valid_from > 1 AND valid_from <= 2) OR (valid_to > 1 AND valid_to <= 2);

-- name: one revision
-- index: revisions
SELECT * FROM revisions WHERE number = 2;

-- name: running refreshes
-- index: refreshes_running
SELECT id, started_at FROM refreshes WHERE outcome = 'running';

-- name: results of a model
-- index: benchmarks
SELECT * FROM benchmarks WHERE origin = 'user' AND model = 'openai/gpt-4o';

-- name: notes on a model
-- index: notes
SELECT * FROM notes WHERE model = 'openai/gpt-4o';

-- name: usages of a day
-- index: ledger_at
SELECT * FROM ledger WHERE at >= '2026-11-01T00:00:00.000000+00:00' AND at < '2026-11-02T00:00:00.000000+00:00' ORDER BY at, number;

-- name: first usage from a time on
-- index: ledger_at
SELECT min(number + 0) FROM ledger WHERE at >= '2026-11-24T00:00:00.000000+00:00';

-- name: the next page of the ledger
-- index: ledger
SELECT * FROM ledger WHERE number > 1000 ORDER BY number LIMIT 1000;

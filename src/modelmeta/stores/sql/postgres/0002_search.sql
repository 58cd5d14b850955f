-- The words of a name as it is written, without its punctuation but for points (gpt 5.5), and without any (gpt 5 5).
ALTER TABLE models ADD COLUMN search TSVECTOR GENERATED ALWAYS AS (
    to_tsvector('simple', left(name || ' ' || model_id || ' ' || coalesce(provider_name, '') || ' ' || coalesce(family, ''), 10000))
    || to_tsvector('simple', translate(
        left(name || ' ' || model_id || ' ' || coalesce(provider_name, '') || ' ' || coalesce(family, ''), 10000),
        '-_/:@<>&=?#%', '            '
    ))
    || to_tsvector('simple', translate(
        left(name || ' ' || model_id || ' ' || coalesce(provider_name, '') || ' ' || coalesce(family, ''), 10000),
        '-_/:@<>&=?#%.', '             '
    ))
) STORED;
CREATE INDEX models_search ON models USING gin (search);

ALTER TABLE models ADD COLUMN search TSVECTOR GENERATED ALWAYS AS (
    to_tsvector('simple', translate(
        left(name || ' ' || model_id || ' ' || coalesce(provider_name, '') || ' ' || coalesce(family, ''), 10000),
        '-_./:@<>&=?#%', '             '
    ))
) STORED;
CREATE INDEX models_search ON models USING gin (search);

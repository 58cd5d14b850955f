CREATE TABLE schema_migrations (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at TEXT NOT NULL
) STRICT;

CREATE TABLE revisions (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    validators TEXT NOT NULL,
    scope TEXT,
    fetched_at TEXT,
    confirmed_at TEXT,
    committed_at TEXT NOT NULL,
    models INTEGER NOT NULL,
    providers INTEGER NOT NULL,
    added INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    price_changes INTEGER NOT NULL,
    exact TEXT
) STRICT;

CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER,
    snapshot BLOB
) STRICT;
INSERT INTO head (one) VALUES (1);

CREATE TABLE held (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    revision TEXT NOT NULL,
    snapshot BLOB NOT NULL
) STRICT;

CREATE TABLE model_versions (
    provider_id TEXT NOT NULL,
    model_id TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    raw TEXT NOT NULL,
    exact TEXT,
    PRIMARY KEY (provider_id, model_id, valid_from)
) STRICT;
CREATE INDEX model_versions_valid_from ON model_versions (valid_from);
CREATE INDEX model_versions_valid_to ON model_versions (valid_to) WHERE valid_to IS NOT NULL;

CREATE TABLE part_versions (
    part TEXT NOT NULL,
    key TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    raw TEXT NOT NULL,
    exact TEXT,
    PRIMARY KEY (part, key, valid_from)
) STRICT;
CREATE INDEX part_versions_valid_from ON part_versions (valid_from);
CREATE INDEX part_versions_valid_to ON part_versions (valid_to) WHERE valid_to IS NOT NULL;

CREATE TABLE models (
    docid INTEGER PRIMARY KEY,
    provider_id TEXT NOT NULL,
    model_id TEXT NOT NULL,
    name TEXT NOT NULL,
    provider_name TEXT,
    family TEXT,
    type TEXT,
    status TEXT,
    release_date TEXT,
    last_updated TEXT,
    knowledge TEXT,
    context INTEGER,
    input_limit INTEGER,
    output_limit INTEGER,
    cost_input ANY,
    cost_output ANY,
    cost_cache_read ANY,
    cost_cache_write ANY,
    cost_reasoning ANY,
    cost_input_audio ANY,
    cost_output_audio ANY,
    price_state TEXT NOT NULL,
    attachment INTEGER,
    reasoning INTEGER,
    tool_call INTEGER,
    structured_output INTEGER,
    temperature INTEGER,
    open_weights INTEGER,
    interleaved INTEGER,
    vision INTEGER,
    audio_input INTEGER,
    video_input INTEGER,
    pdf_input INTEGER,
    image_output INTEGER,
    audio_output INTEGER,
    video_output INTEGER,
    input_modalities TEXT,
    output_modalities TEXT,
    canonical_model_id TEXT,
    first_seen INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    description TEXT,
    raw TEXT NOT NULL,
    UNIQUE (provider_id, model_id)
) STRICT;
CREATE INDEX models_cost_input ON models (cost_input, cost_output);
CREATE INDEX models_attachment ON models (cost_input) WHERE attachment;
CREATE INDEX models_reasoning ON models (cost_input) WHERE reasoning;
CREATE INDEX models_tool_call ON models (cost_input) WHERE tool_call;
CREATE INDEX models_structured_output ON models (cost_input) WHERE structured_output;
CREATE INDEX models_temperature ON models (cost_input) WHERE temperature;
CREATE INDEX models_open_weights ON models (cost_input) WHERE open_weights;
CREATE INDEX models_interleaved ON models (cost_input) WHERE interleaved;
CREATE INDEX models_vision ON models (cost_input) WHERE vision;
CREATE INDEX models_audio_input ON models (cost_input) WHERE audio_input;
CREATE INDEX models_video_input ON models (cost_input) WHERE video_input;
CREATE INDEX models_pdf_input ON models (cost_input) WHERE pdf_input;
CREATE INDEX models_image_output ON models (cost_input) WHERE image_output;
CREATE INDEX models_audio_output ON models (cost_input) WHERE audio_output;
CREATE INDEX models_video_output ON models (cost_input) WHERE video_output;

CREATE TABLE providers (
    provider_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    npm TEXT,
    api TEXT,
    doc TEXT,
    env TEXT NOT NULL,
    total_models INTEGER NOT NULL DEFAULT 0,
    available_models INTEGER NOT NULL DEFAULT 0,
    last_sync TEXT,
    raw TEXT NOT NULL
) STRICT;

CREATE TABLE benchmarks (
    origin TEXT NOT NULL CHECK (origin IN ('upstream', 'user')),
    model TEXT NOT NULL,
    name TEXT NOT NULL,
    metric TEXT NOT NULL DEFAULT '',
    variant TEXT NOT NULL DEFAULT '',
    harness TEXT NOT NULL DEFAULT '',
    version TEXT NOT NULL DEFAULT '',
    score ANY,
    score_text TEXT,
    dataset TEXT,
    source TEXT,
    date TEXT,
    written_at TEXT NOT NULL,
    exact TEXT,
    PRIMARY KEY (origin, model, name, metric, variant, harness, version)
) STRICT;

CREATE TABLE notes (
    model TEXT NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    written_at TEXT NOT NULL,
    exact TEXT,
    PRIMARY KEY (model, name)
) STRICT;

CREATE TABLE refreshes (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    started_at TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('running', 'updated', 'unchanged', 'held', 'failed', 'crashed')),
    duration REAL,
    source TEXT,
    revision TEXT,
    added INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    price_changes INTEGER NOT NULL,
    problems INTEGER NOT NULL,
    reason TEXT,
    error TEXT,
    exact TEXT
) STRICT;
CREATE INDEX refreshes_running ON refreshes (outcome) WHERE outcome = 'running';

CREATE TABLE lease (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    holder TEXT NOT NULL,
    session INTEGER,
    expires_at TEXT NOT NULL
) STRICT;

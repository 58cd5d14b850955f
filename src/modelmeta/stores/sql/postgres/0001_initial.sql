CREATE TABLE schema_migrations (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE revisions (
    number INTEGER PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    validators TEXT NOT NULL,
    scope TEXT,
    fetched_at TEXT,
    confirmed_at TIMESTAMPTZ,
    committed_at TIMESTAMPTZ NOT NULL,
    models INTEGER NOT NULL,
    providers INTEGER NOT NULL,
    added INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    price_changes INTEGER NOT NULL,
    exact TEXT
);

CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER,
    snapshot BYTEA
);
ALTER TABLE head ALTER snapshot SET STORAGE EXTERNAL;
INSERT INTO head (one) VALUES (1);

CREATE TABLE held (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    revision TEXT NOT NULL,
    snapshot BYTEA NOT NULL
);
ALTER TABLE held ALTER snapshot SET STORAGE EXTERNAL;

CREATE TABLE model_versions (
    provider_id TEXT COLLATE "C" NOT NULL,
    model_id TEXT COLLATE "C" NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    raw TEXT NOT NULL,
    exact TEXT,
    PRIMARY KEY (provider_id, model_id, valid_from)
);
CREATE INDEX model_versions_valid_from ON model_versions (valid_from);
CREATE INDEX model_versions_valid_to ON model_versions (valid_to) WHERE valid_to IS NOT NULL;

CREATE TABLE part_versions (
    part TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    raw TEXT NOT NULL,
    exact TEXT,
    PRIMARY KEY (part, key, valid_from)
);
CREATE INDEX part_versions_valid_from ON part_versions (valid_from);
CREATE INDEX part_versions_valid_to ON part_versions (valid_to) WHERE valid_to IS NOT NULL;

CREATE TABLE models (
    provider_id TEXT COLLATE "C" NOT NULL,
    model_id TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    provider_name TEXT,
    family TEXT,
    type TEXT,
    status TEXT,
    release_date TEXT,
    last_updated TEXT,
    knowledge TEXT,
    context BIGINT,
    input_limit BIGINT,
    output_limit BIGINT,
    cost_input NUMERIC,
    cost_output NUMERIC,
    cost_cache_read NUMERIC,
    cost_cache_write NUMERIC,
    cost_reasoning NUMERIC,
    cost_input_audio NUMERIC,
    cost_output_audio NUMERIC,
    price_state TEXT NOT NULL,
    attachment BOOLEAN,
    reasoning BOOLEAN,
    tool_call BOOLEAN,
    structured_output BOOLEAN,
    temperature BOOLEAN,
    open_weights BOOLEAN,
    interleaved BOOLEAN,
    vision BOOLEAN,
    audio_input BOOLEAN,
    video_input BOOLEAN,
    pdf_input BOOLEAN,
    image_output BOOLEAN,
    audio_output BOOLEAN,
    video_output BOOLEAN,
    input_modalities TEXT,
    output_modalities TEXT,
    canonical_model_id TEXT,
    first_seen INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    description TEXT,
    raw TEXT NOT NULL,
    PRIMARY KEY (provider_id, model_id)
);
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
    provider_id TEXT COLLATE "C" PRIMARY KEY,
    name TEXT NOT NULL,
    npm TEXT,
    api TEXT,
    doc TEXT,
    env TEXT NOT NULL,
    total_models INTEGER NOT NULL DEFAULT 0,
    available_models INTEGER NOT NULL DEFAULT 0,
    last_sync TIMESTAMPTZ,
    raw TEXT NOT NULL
);

CREATE TABLE benchmarks (
    origin TEXT COLLATE "C" NOT NULL CHECK (origin IN ('upstream', 'user')),
    model TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    metric TEXT COLLATE "C" NOT NULL DEFAULT '',
    variant TEXT COLLATE "C" NOT NULL DEFAULT '',
    harness TEXT COLLATE "C" NOT NULL DEFAULT '',
    version TEXT COLLATE "C" NOT NULL DEFAULT '',
    score NUMERIC,
    score_text TEXT,
    dataset TEXT,
    source TEXT,
    date TEXT,
    written_at TIMESTAMPTZ NOT NULL,
    exact TEXT,
    PRIMARY KEY (origin, model, name, metric, variant, harness, version)
);

CREATE TABLE notes (
    model TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    text TEXT NOT NULL,
    written_at TIMESTAMPTZ NOT NULL,
    exact TEXT,
    PRIMARY KEY (model, name)
);

CREATE TABLE refreshes (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    started_at TIMESTAMPTZ NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('running', 'updated', 'unchanged', 'held', 'failed', 'crashed')),
    duration DOUBLE PRECISION,
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
);
CREATE INDEX refreshes_running ON refreshes (outcome) WHERE outcome = 'running';

CREATE TABLE lease (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    holder TEXT NOT NULL,
    session INTEGER,
    expires_at TIMESTAMPTZ NOT NULL
);

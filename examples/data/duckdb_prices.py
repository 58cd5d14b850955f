"""Ask the catalog in SQL: ``pip install "modelmeta[arrow]" duckdb``, then ``python examples/data/duckdb_prices.py``."""

from __future__ import annotations

import duckdb

from modelmeta import Registry

models = Registry()  # duckdb reads it by its name, through Arrow; prices stay exact

print("Who sells the same model dearest and cheapest, for 3 tokens in and 1 out:")
spread = """
    WITH priced AS (
        SELECT canonical_model_id AS model, provider_id, (3 * "cost.input" + "cost.output") / 4 AS blended
        FROM models
        WHERE price_state = 'priced' AND canonical_model_id IS NOT NULL AND status IS DISTINCT FROM 'deprecated'
    )
    SELECT model, count(*) AS sellers, min(blended)::DOUBLE AS cheapest, arg_min(provider_id, blended) AS sold_by, max(blended)::DOUBLE AS dearest
    FROM priced GROUP BY model HAVING sellers >= 10 ORDER BY dearest / cheapest DESC, model LIMIT 5
"""
for model, sellers, cheapest, sold_by, dearest in duckdb.execute(spread).fetchall():
    print(f"  {model:32} {sellers:3} sellers  {cheapest:8.3f} ({sold_by}) to {dearest:8.3f} USD/M")

print("The median input price of the models that call tools, by the quarter of their release:")
trend = """
    SELECT strftime(date_trunc('quarter', "release_date.day"), '%Y-%m') AS quarter, count(*) AS models, median("cost.input")::DOUBLE AS median
    FROM models
    WHERE tool_call AND price_state = 'priced' AND "release_date.day" >= DATE '2025-01-01'
    GROUP BY quarter ORDER BY quarter
"""
for quarter, count, median in duckdb.execute(trend).fetchall():
    print(f"  {quarter}  {count:5} models  median {median:6.3f} USD/M")

"""What others say about models, in upstream's shape: LiteLLM's cost map, OpenRouter's models, genai-prices' data."""

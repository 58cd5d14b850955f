"""What a text finds: words, how misspelt ones are read, and what comes first among equals."""

"""What a name means, and which rows sell the same model."""

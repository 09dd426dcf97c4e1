"""What every layer above shares: validation, random numbers, memory, blocks."""

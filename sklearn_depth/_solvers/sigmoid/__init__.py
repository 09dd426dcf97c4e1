"""Output weights under a sigmoid output: objective, penalties, leverages."""

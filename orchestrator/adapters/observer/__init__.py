"""The observer as the use-cases see it."""

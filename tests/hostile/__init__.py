"""The score over the hostile corpus: ``make hostile``."""

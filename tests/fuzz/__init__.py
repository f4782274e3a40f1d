"""Broken input, made inside its containers: ``make fuzz``."""

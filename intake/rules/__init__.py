"""Pure rules: values and a moment in, values out. Standard library and the values of ``parsers`` only; no I/O, no clock."""

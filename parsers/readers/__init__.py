"""One file a format: bytes of a known type in, a neutral Document out."""

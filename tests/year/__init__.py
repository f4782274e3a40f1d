"""A simulated year: what happens in it (``province``, ``stories``), what must come of it (``oracle``), the real service (``replay``)."""

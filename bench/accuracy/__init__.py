"""Truth, measured: reports written from seeded truth in every layout and format, and a score of what ``cchc read`` makes of them."""

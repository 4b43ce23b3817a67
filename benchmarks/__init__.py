"""Speed and memory, as ratios to the same arithmetic written by hand in Polars."""

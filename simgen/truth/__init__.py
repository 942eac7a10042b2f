"""Exact labels by ray casting: what each pixel centre sees."""

"""How far a synthetic dataset is from real photos, and what would bring it nearer."""

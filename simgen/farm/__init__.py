"""Where frames are made: here, on a cluster, or in shards that any scheduler runs."""

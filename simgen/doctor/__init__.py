"""What a machine lacks, found before a run finds it."""

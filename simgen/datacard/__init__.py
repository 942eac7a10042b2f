"""What goes with a dataset: croissant.json for programs, README.md for whoever receives it."""

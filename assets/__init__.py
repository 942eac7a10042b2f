"""Small CC0 files that ship with simgen; manifest.yaml says what each is."""

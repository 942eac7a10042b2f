"""Parts of one dataset, made apart, put together and proved to be all of it."""

"""Each puts one kind of file of a frame into the dataset folder."""

"""Each varies one aspect of a SceneSpec and leaves the rest equal."""

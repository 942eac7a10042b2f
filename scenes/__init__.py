"""One module per scene: a frozen dataclass with `sample(rng) -> SceneSpec`."""

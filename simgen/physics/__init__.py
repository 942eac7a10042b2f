"""Things dropped until they lie still: MuJoCo, before anything is rendered."""

"""Props as they stand together: halls, racks and loads, for scenes to use."""

"""The only code that imports bpy: a SceneSpec becomes light."""

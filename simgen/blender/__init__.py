"""The only code that imports bpy: a SceneSpec becomes light."""

from simgen.blender.chatter import silenced

with silenced():  # Blender 5 greets whoever imports it
    import bpy  # noqa: F401

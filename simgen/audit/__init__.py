"""`python -m simgen.audit FOLDER`: labels and pictures held against each other, file by file.

Nothing here imports what makes frames: no label is proved by the code that made it.
"""

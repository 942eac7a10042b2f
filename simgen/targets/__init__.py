"""What the frames of a dataset together should show, settled before any light is paid for."""

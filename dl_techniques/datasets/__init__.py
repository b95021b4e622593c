"""Named, synthetic and uploaded data as one Dataset value."""

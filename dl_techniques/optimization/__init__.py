"""Learning-rate schedules and optimizer builders."""

"""What the portal must survive, shown on real processes: killed workers, a lost Redis, poisoned jobs."""

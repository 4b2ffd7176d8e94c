"""What the bundled base has read: procedural text in our own words, and how it was trained on it."""

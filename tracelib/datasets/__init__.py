"""One module per dataset: its published format and a procedural twin of it."""

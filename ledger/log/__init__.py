"""The one writer, its readers, the vault and the published tiles."""

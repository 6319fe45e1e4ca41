"""Forms read from scans and photos. Pure: pictures, layouts and what is likely come in as plain data."""

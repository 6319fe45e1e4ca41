"""The DX plan (自治体DX推進計画) as data, a town's own plan on it, and the state of each item, read from what really runs."""

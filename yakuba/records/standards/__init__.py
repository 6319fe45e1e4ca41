"""Item definitions of the national standard (基本データリスト) as data."""

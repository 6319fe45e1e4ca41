"""Standard data (標準化・共通化): definitions of the national standard, a town's old data read towards them, files proven and
compared. `standards`, `values` and `addresses` are pure."""

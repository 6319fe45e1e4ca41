"""Standard data (標準化・共通化): definitions of the national standard, a town's old data brought into them, proven and given
on. `standards` and `addresses` are pure."""

"""Places that are given out (枠・定員): who gets which, by the order of asking, by lot or by points."""

"""Speech: understood, put right by the town's own words, and spoken. Pure: nothing here knows of a database."""

"""Fees (手数料): what a resident owes for a service, how it came in, and what goes back.

That a fee is paid stands in the log of its case, like everything else; here is kept what the log cannot hold: attempts
at the payment provider, slips, each sum that came in with the number of its receipt, and refunds.
"""

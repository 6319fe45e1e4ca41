"""What it brought: hours, days to payment, completion, satisfaction, cost; for everybody alike?"""

"""The assistant: answers that are quotations of a declared source, forms read from paper, a voice understood."""

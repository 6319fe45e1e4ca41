"""Backups from which any moment can be restored, and the proof that a restored one is whole.

`folder.py` what a backup folder holds, and its signed journal · `taking.py` base backups and the log's stream ·
`restoring.py` to a moment, never over a living database · `proving.py` what the restored database says of itself.
"""

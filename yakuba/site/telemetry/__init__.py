"""What this installation tells about itself, and never about people: metrics, traces, and whether it is ready.

`counted.py` what each process counts · `figures.py` what the database knows · `views.py` /metrics and /readyz ·
`middleware.py` each request, once · `otlp.py` the same to a collector, where OTEL_* says so.
"""

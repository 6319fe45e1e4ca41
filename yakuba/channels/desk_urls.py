"""Addresses of the clerk's desk, below `/{town}/staff/`."""

app_name = "desk"
urlpatterns: list = []

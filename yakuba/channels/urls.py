"""Addresses for residents, below `/{town}/`."""

app_name = "web"
urlpatterns: list = []

"""The workbench (手続の作成): services are built and changed in the browser, proposed by one and published by another."""

"""Open data of a town (自治体標準オープンデータセット): datasets as data, files held to them, small counts kept back, catalogue
data about them. Pure."""

from yakuba.records.opendata.dataset import (
    Column,
    Dataset,
    FaultyDataset,
    UnknownDataset,
    Version,
    dataset,
    datasets,
)

__all__ = ["Column", "Dataset", "FaultyDataset", "UnknownDataset", "Version", "dataset", "datasets"]

"""What the register keeps: towns, and in each town its people, households, addresses, accounts, taxes."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from yakuba.access.towns import TownOwned


class Town(models.Model):
    """A municipality that is served here. Public reference data: the only table without row security."""

    code = models.CharField(max_length=6, primary_key=True)
    name = models.CharField(max_length=60)
    prefecture = models.CharField(max_length=20)
    mayor_title = models.CharField(max_length=60)
    contact = models.CharField(max_length=200)
    closures = ArrayField(models.DateField(), default=list)
    synthetic = models.BooleanField()


class Household(TownOwned):
    """People who share a livelihood and a roof (世帯, 住民基本台帳法 第6条)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "number"], name="one_household_per_number")]


class Address(TownOwned):
    """Where a household lived, from a day until another (住民基本台帳法 第7条第7号)."""

    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="addresses")
    postal_code = models.CharField(max_length=7)
    line = models.CharField(max_length=200)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["household"], condition=models.Q(until=None), name="one_present_address"
            )
        ]


class Person(TownOwned):
    """A resident, or somebody who was one (住民票に記載される人). `relation`: to the head of the household (続柄).

    `search`: what spellings of the name and its kana have in common; only for finding.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="people")
    relation = models.CharField(max_length=16)
    name = models.CharField(max_length=100)
    kana = models.CharField(max_length=100)
    search = models.CharField(max_length=200)
    birth_date = models.DateField()
    sex = models.CharField(max_length=8)
    nationality = models.CharField(max_length=40)
    mother = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    father = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    moved_in = models.DateField()
    moved_out = models.DateField(null=True)
    died_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["town", "birth_date"]),
            GinIndex(fields=["search"], opclasses=["gin_trgm_ops"], name="person_search"),
        ]


class BankAccount(TownOwned):
    """The account that a person named for public benefits (公金受取口座, 令和3年法律第38号)."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="account")
    bank = models.CharField(max_length=4)
    branch = models.CharField(max_length=3)
    type = models.CharField(max_length=1)
    number = models.CharField(max_length=7)
    holder = models.CharField(max_length=60)


class Taxation(TownOwned):
    """Residence tax of a person for a fiscal year (住民税均等割, 地方税法 第294条)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="taxations")
    year = models.IntegerField()
    levied = models.BooleanField()
    income = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "year"], name="one_taxation_per_year")]


class Organisation(TownOwned):
    """A company, association or partner that the town deals with. `number`: 法人番号, 13 digits."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)
    number = models.CharField(max_length=13, blank=True)
    contact = models.CharField(max_length=200)

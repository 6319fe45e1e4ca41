"""Small files that people write for a room: YAML, held to a model, with the place of every slip."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

_Model = TypeVar("_Model", bound=BaseModel)


def read(path: Path, model: type[_Model], refuse: type[Exception]) -> _Model:
    """The file as the model. Raises `refuse`, which says the file, the places and what is wrong there."""
    try:
        return model.model_validate(YAML(typ="safe").load(path.read_text("utf-8")))
    except ValidationError as error:
        raise refuse(f"{path}: {slips(error)}") from error
    except (YAMLError, ValueError) as error:
        raise refuse(f"{path}: {error}") from error


def slips(error: ValidationError) -> str:
    """Every slip with its place, in one line."""
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'file'}: {one['msg']}" for one in error.errors())

"""A brand's own model: what its labels changed in the shipped one, on disk and in memory.

Only the difference is kept, so a file is small, says exactly what people's labels did, and is void as soon as another model is
shipped: then the labels, which are all kept, are learned anew on top of that.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.storage import Model, ModelError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Shift:
    """What changes in one head: all of it is multiplied by `scale`, then `weights` (columns x classes) are added to the n-grams `columns` of the
    shipped model, and `bias` (classes)."""

    columns: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Delta:
    """What a brand's labels change: a `Shift` for each head that gains by it. `base` is the version of the model that it belongs to;
    `facts` is what was measured and chosen."""

    base: str
    shifts: dict[str, Shift]
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Short name of these very numbers: the same labels give the same name."""
        parts = [self.base.encode()]
        for head, shift in sorted(self.shifts.items()):
            parts += [
                head.encode(),
                shift.columns.tobytes(),
                shift.weights.tobytes(),
                shift.bias.tobytes(),
                np.float64(shift.scale).tobytes(),
            ]
        return hashlib.sha256(b"".join(parts)).hexdigest()[:10]


def apply(model: Model, delta: Delta) -> Model:
    """The shipped model with the brand's shifts in it. Raises ModelError if the delta belongs to another model."""
    if delta.base != model.version:
        raise ModelError(f"this brand's model was made for {delta.base}, not for {model.version}: run `hibiki train --brand`")
    sparse, dense, bias = model.sparse.copy(), model.dense.copy(), model.bias.copy()
    start = 0
    for head, classes in model.heads.items():
        if head in delta.shifts:
            shift, place = delta.shifts[head], slice(start, start + len(classes))
            for part in (sparse, dense, bias):
                part[..., place] *= shift.scale
            sparse[shift.columns, place] += shift.weights
            bias[place] += shift.bias
        start += len(classes)
    return replace(model, sparse=sparse, dense=dense, bias=bias, facts={**model.facts, "version": f"{model.version}+{delta.version}"})


def save_delta(delta: Delta, file: Path) -> None:
    """Write the delta to `file`, whole or not at all."""
    arrays: dict[str, Any] = {"facts": np.frombuffer(json.dumps(_facts(delta), ensure_ascii=False, sort_keys=True).encode(), np.uint8)}
    for head, shift in delta.shifts.items():
        arrays |= {
            f"{head}.columns": shift.columns,
            f"{head}.weights": shift.weights,
            f"{head}.bias": shift.bias,
            f"{head}.scale": np.float64(shift.scale),
        }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(file.name + ".new")
    beside.write_bytes(buffer.getvalue())
    beside.replace(file)


def _facts(delta: Delta) -> dict[str, Any]:
    return {"format": FORMAT, "base": delta.base, "heads": sorted(delta.shifts), "facts": delta.facts}


def load_delta(file: Path) -> Delta:
    """Read a delta. Raises ModelError where there is none or it cannot be read."""
    try:
        with np.load(file, allow_pickle=False) as arrays:
            told = json.loads(arrays["facts"].tobytes().decode())
            if told["format"] != FORMAT:
                raise ModelError(f"{file} has format {told['format']}, this version reads {FORMAT}: run `hibiki train --brand`")
            shifts = {
                head: Shift(arrays[f"{head}.columns"], arrays[f"{head}.weights"], arrays[f"{head}.bias"], float(arrays[f"{head}.scale"]))
                for head in told["heads"]
            }
    except FileNotFoundError:
        raise ModelError(f"no model in {file}: run `hibiki train --brand`") from None
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{file} cannot be read ({error}): run `hibiki train --brand`") from None
    return Delta(told["base"], shifts, told["facts"])

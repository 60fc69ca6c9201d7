"""The model on disk: plain numbers in nlp/model/weights.npz (read with allow_pickle=False) and facts in nlp/model/model.json.

`weights.npz`: `buckets` (uint32: the n-grams the model knows, sorted, each told by how far it is from the one before), `sparse` (int8, outputs x buckets, idf folded in, to
be multiplied by `steps`, float32, one for each output), `idf2` (float16, the squared idf, for the norm of a text), `dense` (float32, len(DENSE) x outputs), `bias` (float32,
outputs). Distances, and the weights of one output side by side, take a seventh less when compressed.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

MODEL_DIR = Path(__file__).parent / "model"
WEIGHTS, FACTS = "weights.npz", "model.json"
FORMAT = 5


class ModelError(RuntimeError):
    """No model, or one that this code cannot read; the message says what to do."""


@dataclass(slots=True)
class Model:
    """Weights of all heads side by side. `heads` names them in order with their classes; `facts` is everything else that was written down:
    thresholds, versions, the digest of the corpus."""

    buckets: npt.NDArray[np.uint32]
    sparse: npt.NDArray[np.float32]
    idf2: npt.NDArray[np.float32]
    dense: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    heads: dict[str, list[str]]
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """Short name of these very weights."""
        return str(self.facts["version"])


def _steps(sparse: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The size of a step of each output: its greatest weight is 127 of them."""
    steps: npt.NDArray[np.float32] = np.maximum(np.abs(sparse).max(axis=0, initial=0.0), 1e-9).astype(np.float32) / np.float32(127)
    return steps


def rounded(sparse: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the weights as they will be read again once they were saved."""
    steps = _steps(sparse)
    return np.round(sparse / steps).astype(np.float32) * steps


def save(model: Model, folder: Path = MODEL_DIR) -> str:
    """Write the model; returns its version, a hash of the weights, so that the same training gives the same name."""
    folder.mkdir(parents=True, exist_ok=True)
    steps = _steps(model.sparse)
    arrays: dict[str, npt.NDArray[Any]] = {
        "buckets": np.diff(model.buckets.astype(np.uint32), prepend=np.uint32(0)),
        "sparse": np.ascontiguousarray(np.round(model.sparse / steps).astype(np.int8).T),
        "steps": steps,
        "idf2": model.idf2.astype(np.float16),
        "dense": model.dense.astype(np.float32),
        "bias": model.bias.astype(np.float32),
    }
    version = hashlib.sha256(b"".join(array.tobytes() for array in arrays.values())).hexdigest()[:10]
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    facts = {"format": FORMAT, **model.facts, "version": version, "heads": model.heads}
    for name, content in ((WEIGHTS, buffer.getvalue()), (FACTS, (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode())):
        beside = folder / (name + ".new")
        beside.write_bytes(content)
        beside.replace(folder / name)
    return version


def load(folder: Path = MODEL_DIR) -> Model:
    """Read the model. Raises ModelError where there is none or it is of another format."""
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
            data = {name: arrays[name] for name in ("buckets", "sparse", "steps", "idf2", "dense", "bias") if name in arrays}
    except FileNotFoundError:
        raise ModelError(f"no model in {folder}: run `hibiki train`") from None
    if facts.get("format") != FORMAT:
        raise ModelError(f"the model in {folder} has format {facts.get('format')}, this version reads {FORMAT}: run `hibiki train`")
    return Model(
        buckets=np.cumsum(data["buckets"], dtype=np.uint32),
        sparse=data["sparse"].T.astype(np.float32, order="C") * data["steps"],
        idf2=data["idf2"].astype(np.float32),
        dense=data["dense"],
        bias=data["bias"],
        heads=facts["heads"],
        facts=facts,
    )

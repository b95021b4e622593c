"""The byte-pair tokens of CLIP in plain Python."""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dl_techniques.pretrained import resolve_file
from dl_techniques.utils.validation import check, check_int

START, END = "<|startoftext|>", "<|endoftext|>"
_SUFFIX = "</w>"
_SHORT = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")


class CLIPTokenizer:
    """Turns texts into the ids that `CLIPOpenAI` takes.

    Lower case, then words, digits and runs of signs, then merges of byte pairs. A text
    begins with the start id and ends with the end id, which a cut keeps.

    Args:
        vocab: Ids by token, as in the hub's `vocab.json`.
        merges: Pairs of parts, the most wanted first, as in `merges.txt`.
        context_length: Ids of a text.
        pad_token_id: What fills up a short text; OpenAI takes 0, transformers the end.

    Raises:
        ValueError: If `vocab` lacks the start or the end.

    Source: Radford et al. (2021), arXiv:2103.00020, section 2.4; Sennrich et al.
    (2016), arXiv:1508.07909, algorithm 1.
    """

    def __init__(
        self,
        vocab: dict[str, int],
        merges: Iterable[Sequence[str]],
        context_length: int = 77,
        pad_token_id: int = 0,
    ) -> None:
        has = START in vocab and END in vocab
        check(has, "vocab", f"with {START} and {END}", f"{len(vocab)} tokens")
        check_int("context_length", context_length, 2)
        check_int("pad_token_id", pad_token_id, 0)
        self.vocab = dict(vocab)
        self.ranks = {tuple(pair): i for i, pair in enumerate(merges)}
        self.context_length = context_length
        self.pad_token_id = pad_token_id
        self.texts = {i: token for token, i in self.vocab.items()}

    @classmethod
    def from_files(cls, source: str | Path, **options: Any) -> "CLIPTokenizer":
        """Reads `vocab.json` and `merges.txt`.

        Args:
            source: A folder, or "hf://org/name" for the hub's cache or the hub.
            options: Arguments of the constructor.

        Raises:
            WeightsUnavailableError: If a file cannot be had; the text says how.
        """
        vocab, merges = (
            resolve_file(
                f"{source}/{file}"
                if str(source).startswith("hf://")
                else Path(source) / file
            )
            for file in ("vocab.json", "merges.txt")
        )
        lines = merges.read_text("utf-8").splitlines()
        pairs = [line.split() for line in lines if not line.startswith("#version")]
        known = json.loads(vocab.read_text("utf-8"))
        return cls(known, [p for p in pairs if len(p) == 2], **options)

    def __call__(self, texts: str | Sequence[str]) -> NDArray[np.int32]:
        """Returns ids `(texts, context_length)`; one text gives one row."""
        rows = [texts] if isinstance(texts, str) else list(texts)
        shape = (len(rows), self.context_length)
        ids = np.full(shape, self.pad_token_id, np.int32)
        for row, text in zip(ids, rows, strict=True):
            inner = self.encode(text)[: self.context_length - 2]
            whole = [self.vocab[START], *inner, self.vocab[END]]
            row[: len(whole)] = whole
        return ids

    def encode(self, text: str) -> list[int]:
        """Returns the ids of a text without start and end."""
        unknown = self.vocab[END]
        return [
            self.vocab.get(part, unknown)
            for word in words(text)
            for part in self._parts(word)
        ]

    def decode(self, ids: Iterable[int]) -> str:
        """Returns the text of ids, without start, end and what follows the end."""
        known = []
        for i in ids:
            if self.texts.get(int(i)) == END:
                break
            known.append(self.texts.get(int(i), ""))
        back = {sign: byte for byte, sign in byte_signs().items()}
        text = "".join(t for t in known if t != START).replace(_SUFFIX, " ")
        data = bytes(back.get(sign, 32) for sign in text)
        return data.decode("utf-8", errors="replace").strip()

    def _parts(self, word: str) -> list[str]:
        signs = byte_signs()
        parts = [signs[byte] for byte in word.encode("utf-8")]
        parts[-1] += _SUFFIX
        while len(parts) > 1:
            pairs = list(pairwise(parts))
            best = min(pairs, key=lambda p: self.ranks.get(p, len(self.ranks)))
            if best not in self.ranks:
                break
            merged, i = [], 0
            while i < len(parts):
                joined = tuple(parts[i : i + 2]) == best
                merged.append("".join(parts[i : i + 2]) if joined else parts[i])
                i += 2 if joined else 1
            parts = merged
        return parts


def words(text: str) -> list[str]:
    """Cuts a text in lower case into words, digits and runs of other signs."""
    text = " ".join(unicodedata.normalize("NFC", text).split()).lower()
    found, i = [], 0
    while i < len(text):
        special = next((s for s in (START, END) if text.startswith(s, i)), None)
        short = next((s for s in _SHORT if text.startswith(s, i)), None)
        end = i + len(special or short or text[i])
        if not special and not short:
            kind = _kind(text[i])
            while kind in "Lo" and end < len(text) and _kind(text[end]) == kind:
                end += 1
        if not text[i].isspace():
            found.append(text[i:end])
        i = end
    return found


def _kind(sign: str) -> str:
    """Returns "L" for a letter, "N" for a digit, "s" for a space, else "o"."""
    first = unicodedata.category(sign)[0]
    return "s" if sign.isspace() else first if first in "LN" else "o"


@lru_cache(1)
def byte_signs() -> dict[int, str]:
    """Returns a visible sign for each byte: itself, or one from 256 on."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in plain]
    return {b: chr(b) for b in plain} | {b: chr(256 + i) for i, b in enumerate(rest)}

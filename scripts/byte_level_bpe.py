"""A tokenizer.json of Qwen3's kind and size without Qwen's vocabulary: byte-level BPE that spells out a list of words.

Ids are Qwen's where they matter: 151,643 ordinary tokens, then `<|endoftext|>` and the other special ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, product

ORDINARY = 151_643

SPECIAL = [
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>"),
    *("<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>"),
    *("<|vision_pad|>", "<|image_pad|>", "<|video_pad|>", "<tool_call>", "</tool_call>", "<|fim_prefix|>"),
    *("<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<tool_response>"),
    *("</tool_response>", "<think>", "</think>"),
]

# Qwen's own pattern: digits one by one, letters with at most one sign before them.
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def byte_letters() -> list[str]:
    """GPT-2's letter for each byte: itself where it can be printed, else one from 256 on."""
    printed = [*range(ord("!"), ord("~") + 1), *range(ord("\u00a1"), ord("\u00ac") + 1), *range(ord("\u00ae"), 256)]
    letters, next_letter = {}, 256
    for byte in range(256):
        if byte in printed:
            letters[byte] = chr(byte)
        else:
            letters[byte] = chr(next_letter)
            next_letter += 1
    return [letters[byte] for byte in range(256)]


def spelled(words: Iterable[str], letters: list[str]) -> Iterator[str]:
    """Words as they stand in a text: behind a space, with a capital, at the start of a line.

    Those behind a space come first, so that no merge within a word is tried before the ones that start at its space.
    """
    words = list(words)
    for before in (" ", ""):
        for word in words:
            for form in (word, word.capitalize()):
                yield "".join(letters[byte] for byte in f"{before}{form}".encode())


def merges(words: Iterable[str], letters: list[str], count: int) -> list[tuple[str, str]]:
    """`count` merges of a prefix with one letter: runs of spaces, as code has them, the words, then pairs of bytes."""
    found: dict[str, tuple[str, str]] = {}
    spaces = letters[ord(" ")] * 64
    for word in chain([spaces], spelled(words, letters), map("".join, product(letters, repeat=2))):
        for end in range(2, len(word) + 1):
            if len(found) == count:
                return list(found.values())
            found.setdefault(word[:end], (word[: end - 1], word[end - 1]))
    raise ValueError(f"{len(found)} merges out of these words, not {count}")


def byte_level_tokenizer(words: Iterable[str]) -> dict:
    """The content of tokenizer.json; its post-processor ends every text with `<|endoftext|>`."""
    letters = byte_letters()
    pairs = merges(words, letters, ORDINARY - len(letters))
    vocabulary = {token: index for index, token in enumerate([*sorted(letters), *(a + b for a, b in pairs)])}
    end = SPECIAL[0]
    template = {
        "type": "TemplateProcessing",
        "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": end, "type_id": 0}}],
        "pair": [
            *({"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": end, "type_id": 0}}),
            *({"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": end, "type_id": 1}}),
        ],
        "special_tokens": {end: {"id": end, "ids": [ORDINARY], "tokens": [end]}},
    }
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    split = {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [special(ORDINARY + index, token) for index, token in enumerate(SPECIAL)],
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, byte_level]},
        "post_processor": {"type": "Sequence", "processors": [byte_level, template]},
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": vocabulary,
            "merges": [list(pair) for pair in pairs],
        },
    }


def special(number: int, content: str) -> dict:
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {"id": number, "content": content, **flags}

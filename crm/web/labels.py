"""Coloured labels of lists: the words of a state, in the tone that fits it."""

from typing import Any


class Tones(dict[Any, str]):
    """Tones by code, for the theme's `display(label=…)` with a value of (code, words).

    The theme shows the bare code where a plain dict has no tone for it; here the words stay, without
    a tone.
    """

    def __missing__(self, _code: object) -> str:
        return ""

"""java.util.Random, as far as `$random(seed)` needs it.

The generator is the 48-bit linear congruence of the class's documentation: the seed is scrambled by 0x5DEECE66D,
each step multiplies by it and adds 11, and nextDouble() joins 26 and 27 high bits of two steps.
"""

_MULTIPLIER = 0x5DEECE66D
_MASK = (1 << 48) - 1


def first_double(seed: int) -> float:
    """`new Random(seed).nextDouble()`: first_double(42) == 0.7275636800328681."""
    first = _next((seed ^ _MULTIPLIER) & _MASK)
    second = _next(first)
    return (((first >> 22) << 27) + (second >> 21)) / (1 << 53)


def _next(state: int) -> int:
    return (state * _MULTIPLIER + 0xB) & _MASK

"""Chinese numerals: 三十八, 壹佰贰拾, 廿九 and 二〇一九."""

import re

_WRITTEN = ("〇零", "一壹弌", "二贰貳两兩", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
_DIGITS = {character: value for value, characters in enumerate(_WRITTEN) for character in characters}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_TENS = {"廿": 20, "卅": 30, "卌": 40}
_MYRIADS = "万萬"
#: Circles and the Latin letter O, which people type for a zero.
ZEROS = "〇零○◯"

NUMERALS = "".join(_DIGITS) + "".join(_UNITS) + "".join(_TENS) + _MYRIADS
_BELOW_MYRIAD = re.compile(
    r"(?:(?P<k>[1-9])k)?(?:(?P<h>[1-9])h)?(?:(?P<t>[1-9]?)t|(?P<s>[xyz]))?(?P<o>[1-9])?"
)  # fmt: skip
#: The form of a numeral as a text that a pattern can check: digits, and a letter for each unit.
_SHAPE = str.maketrans("".join(_DIGITS) + "廿卅卌十拾百佰千仟万萬", "".join(map(str, _DIGITS.values())) + "xyztthhkkww")


def read_numeral(text: str) -> int | None:
    """Return the number of a Chinese numeral with its units, such as 一千二百三十四; None for anything else.

    Digits without a unit (三五, 一二三) are no numeral here: they may be 35 or "three to five". Shortened numerals
    (一百二 for 120, 百人) are not read either.
    """
    shape = text.translate(_SHAPE)
    high, myriad, low = shape.rpartition("w")
    above = _below_myriad(high) if myriad else 0
    if not shape or above is None or (myriad and not above):
        return None
    below = _below_myriad(low) if low or not myriad else 0
    if below is None or (myriad and low and not below):
        return None
    return above * 10_000 + below


def read_digits(text: str) -> str | None:
    """Chinese digits one by one, such as 二〇一九, as digits; None for anything else."""
    digits = text.translate(_SHAPE)
    return digits if digits.isascii() and digits.isdecimal() else None


def _below_myriad(shape: str) -> int | None:
    """Return the value of a numeral of up to four places; a zero marks omitted places, as in 一千零五."""
    if shape == "0":
        return 0
    if shape.startswith("0"):  # 一万零五
        shape = shape[1:]
    bare = re.sub(r"(?<=[kh])0(?=.)", "", shape)
    found = _BELOW_MYRIAD.fullmatch(bare)
    if not found or not bare:
        return None
    short = re.search(r"[kh][1-9]$", shape)  # 一百二 means 120, 一百零二 means 102
    if short:
        return None
    tens = {"x": 20, "y": 30, "z": 40}.get(found["s"] or "", 0)
    if found["t"] is not None:
        tens = int(found["t"] or 1) * 10
    return int(found["k"] or 0) * 1000 + int(found["h"] or 0) * 100 + tens + int(found["o"] or 0)

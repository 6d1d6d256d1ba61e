"""Places as people write them: their division, and their prefecture if it is named.

A place is found by its names, short and full, in Chinese and in English, by its abbreviation or its code; one cell may
hold a province and a city. The whole text must be such names: 广东省外 and 北京路小学 begin with a place, but are not
places. An ambiguous text is never guessed: it gives a question with the possible places.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache

from babel import Locale

from hallapp.history import placewords, problems, setplaces
from hallapp.history.place import NOWHERE, Place
from hallapp.history.placetext import LONGEST as _LONGEST
from hallapp.history.placetext import key_of
from hallapp.history.placewords import TRADITIONAL
from hallapp.history.problems import Problem, Reading, Unclear
from hallapp.origins import china
from hallapp.origins.china import DIVISIONS, ChinaDivision
from hallapp.origins.prefectures import PREFECTURES, division_of, list_counties
from hallapp.origins.values import OVERSEAS, OriginSet

_ASKED, _GENERAL = frozenset(placewords.ASKED.split()), frozenset(placewords.GENERAL.split())
_REGIONS = dict(pair.split(":") for pair in placewords.REGIONS.split())
_AUTONOMOUS = {"150000": "蒙古族", "450000": "壮族", "540000": "藏族", "640000": "回族", "650000": "维吾尔族"}
_SUFFIXES_EN = ("province", "municipality", "city", "autonomousregion", "sar", "prefecture", "china", "prc")
_LONG_EN = {
    "guangxizhuangautonomousregion": "450000",
    "ningxiahuiautonomousregion": "640000",
    "xinjianguyghurautonomousregion": "650000",
    "xinjianguygurautonomousregion": "650000",
}
_CODE = re.compile(r"([0-9]{2})([0-9]{4}|[0-9]{10})?(\.0+)?")
_LISTED = re.compile(r"[、;]|和|与|及|(?<=\w) (?:and|&) (?=\w)")
_JOINTS = (re.compile(r"[,，/／|>→·.]+"), re.compile(r"[,，/／|>→·.\-–—_\s]+"))
_COLUMNS = " / "  # separates the province and the city of one row, as `join` writes them
#: A number of people behind a place, or the unit of the numbers below it.
_COUNT = re.compile(r"\s*\(\s*(?:\d+\s*(?:人次|人|名)?|(?:单位\s*:?\s*)?[百千万]?\s*(?:人次|人|名))\s*\)$")
_BRACKETS = re.compile(r"([^()]+)\(([^()]+)\)")
_DOUBTS = re.compile(r"[?!≠<>+*×~@#%^=…]|\.\.")
#: Words that may follow the name of a place without changing it.
_TRAILING = re.compile(
    r"(?:人|籍|人士|观众|游客|来宾|旅客|友人|团队|团|地区|境内|省内|市内|区内|内|市区|城区|全省|全市|全境)$"
)
_FULL = ("省", "市", "自治区", "自治州", "盟", "地区", "县", "旗", "区")
#: A part of an address below a county, such as 五山街道.
_DETAIL = re.compile(
    r"[^外除非等其它及或与各至到周附邻多本全军战\W\d]{1,20}(?:区|县|市|镇|乡|街道|街|村|社区|路|大道|巷)(?:\d{1,5}号?)?"
)
_STREET = re.compile(r"[东南西北中]?(?:路|街|大街|大道|道|巷|里|桥|门|村|庄|店|楼)")
_OUTSIDE = re.compile(
    r"(?<![海国境])外(?![国宾籍语贸事资企])|除|非(?!洲)|不含|不包括|不是|其他|其它|其余|周边|附近|各|等"
    r"|\b(?:other|outside|out of|except|non|not|excluding|etc|near|around)\b"
)
#: Words of an English address that do not name a place by themselves.
_NO_NAMES = frozenset({"china", "prc", "p", "r", "中国", "province", "city", "prefecture", "municipality", "of", "the"})


_ORIGINS: ContextVar[OriginSet | None] = ContextVar("origins", default=None)
_NO_AREAS = frozenset({NOWHERE, Place(OVERSEAS)})  # divisions without named parts


@contextmanager
def reading_by(origins: OriginSet) -> Iterator[None]:
    """Read places by a hall's origin set in this block: a file is looked at by functions that know no hall."""
    token = _ORIGINS.set(origins)
    try:
        yield
    finally:
        _ORIGINS.reset(token)


def read_place(text: str, origins: OriginSet | None = None) -> Place | Unclear[Place]:
    """Return the place that a text means, `NOWHERE` for an empty one; else the question with the possible places.

    The places are those of `origins`, else of the set of `reading_by`, else China's. The name of each reading is the
    place's own text.
    """
    origins = origins or _ORIGINS.get()
    if origins is None:
        return _read_in_china(text)
    if origins.code != china.CODE:
        return setplaces.read(text, origins)
    found = _read_in_china(text)
    if found == Place(OVERSEAS) and origins.has_countries:
        return Place(OVERSEAS, setplaces.find_country(text) or "")
    return found


@lru_cache(maxsize=20_000)
def _read_in_china(text: str) -> Place | Unclear[Place]:
    tidied = _tidy(text)
    if not key_of(tidied):
        return NOWHERE
    found = _find(tidied) if len(text) <= _LONGEST and not _DOUBTS.search(tidied) else frozenset()
    if len(found) == 1:
        return next(iter(found))
    return _question(problems.PLACE_SEVERAL, found) if found else _unclear(tidied)


def join(*cells: str) -> str:
    """Several cells of one place, such as its province and its city, as one text."""
    return " / ".join(dict.fromkeys(cell.strip() for cell in cells if cell.strip()))


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:_LONGEST]).casefold().translate(TRADITIONAL).strip()


def _find(text: str) -> frozenset[Place]:
    """Return the places that a text may mean when all of it is names of places; none for any other text."""
    text = _COUNT.sub("", text)
    if code := _CODE.fullmatch(text):
        return _by_code(f"{code[1]}{(code[2] or '')[:4]:0<4}")
    if _COLUMNS in text:
        return _in_columns(*map(str.strip, text.split(_COLUMNS, 1)))
    if brackets := _BRACKETS.fullmatch(text):
        return _together([_find(brackets[1]), _find(brackets[2])])
    if "(" in text or ")" in text:
        return frozenset()
    if not re.search("[、;]", text) and (found := _by_name(key_of(text))):
        return found
    parts = [part for part in _LISTED.split(text) if key_of(part)]
    if len(parts) > 1:  # 广州、深圳 are in one division, 广东、湖南 in two
        return frozenset(Place(place.division) for place in _together([_find(part) for part in parts]))
    for joint in _JOINTS:  # blanks also separate the words of one name, so they are tried last
        parts = [part for part in joint.split(text) if key_of(part) and key_of(part) not in _NO_NAMES]
        if len(parts) > 1 and (found := _together(_without_details(parts))):
            return found
        if len(parts) == 1 and parts[0] != text and (found := _by_name(key_of(parts[0]))):
            return found
    return frozenset()


def _without_details(parts: list[str]) -> list[frozenset[Place]]:
    """Return the places of the parts; a part that is an address within the one before it needs none of its own."""
    found: list[frozenset[Place]] = []
    for part in parts:
        places = _by_name(key_of(part))
        if places or not (found and found[-1] and _DETAIL.fullmatch(key_of(part))):
            found.append(places)
    return found


def _in_columns(province: str, city: str) -> frozenset[Place]:
    """Return the place of a row with two columns; an unknown city leaves the province, except 省外 and the like."""
    of_province, of_city = _find(province), _find(city)
    if of_city == frozenset({NOWHERE}) or key_of(city) in ("其他", "其它", "other"):
        return of_province
    if of_city or not of_province:
        return _together([of_province, of_city])
    return frozenset() if _OUTSIDE.search(city) or _DOUBTS.search(city) else of_province


def _by_code(code: str) -> frozenset[Place]:
    if code in DIVISIONS:
        return frozenset({Place(code)})
    division, prefecture = division_of(code), f"{code[:4]}00"
    for known in (code, prefecture):
        if known in PREFECTURES:
            return frozenset({Place(division, known)})
    return frozenset({Place(division)}) if code in _county_codes() else frozenset()


@cache
def _county_codes() -> frozenset[str]:
    return frozenset(county.code for county in list_counties())


def _together(found: list[frozenset[Place]]) -> frozenset[Place]:
    """Return the meaning of several parts together: `Suzhou, Jiangsu` is one place, `广东、广西` is none."""
    if not all(found):
        return frozenset()
    divisions = frozenset.intersection(*(frozenset(place.division for place in places) for places in found))
    left = [frozenset(place for place in places if place.division in divisions) for places in found]
    precise = [named for places in left if (named := frozenset(p for p in places if p.prefecture))]
    if not precise:
        return frozenset(Place(division) for division in divisions)
    best = frozenset.intersection(*precise)
    return best if len(precise) == 1 or best else frozenset(Place(division) for division in divisions)


@lru_cache(maxsize=20_000)
def _by_name(key: str) -> frozenset[Place]:
    """Return the places of a key that consists of names only, each inside the previous one."""
    if found := _names().get(key):
        return frozenset() if key in _ASKED else found
    if key.isascii():
        return _english(key)
    if found := _chain(key, None):
        return found
    shorter = _TRAILING.sub("", key)
    return _by_name(shorter) if shorter and shorter != key else frozenset()


def _chain(key: str, outer: frozenset[Place] | None) -> frozenset[Place]:
    """Return the places of 广东省广州市越秀区: the last name, as far as it lies in `outer`; an address may end it."""
    if outer is not None and (found := _inside(key, outer)):
        return found
    for end in range(min(len(key) - 1, 12), 1, -1):
        name, rest = key[:end], key[end:]
        found = _inside(name, outer) if outer is not None else _names().get(name, frozenset())
        if not found or found & _NO_AREAS:
            continue
        if deeper := _chain(rest, found):
            return deeper
        if name.endswith(_FULL) and _DETAIL.fullmatch(rest) and not _begins_elsewhere(rest, found):
            return found
    return frozenset()


def _begins_elsewhere(rest: str, outer: frozenset[Place]) -> bool:
    """Return whether a text names a place outside of `outer` by its full name, as 西安市 does in 山西省西安市.

    Two characters such as 东区 are no proof: many towns have parts of that name which no table lists.
    """
    for end in range(min(len(rest), 12), 2, -1):
        known = _names().get(rest[:end]) if rest[:end].endswith(_FULL) else None
        if known and not (inner := _within(known, outer)):
            return True
        if known and _begins_elsewhere(rest[end:], inner):
            return True
    return False


def _within(places: Iterable[Place], outer: frozenset[Place]) -> frozenset[Place]:
    """Return the places that lie in one of `outer`."""
    return frozenset(
        place
        for place in places
        if any(one.division == place.division and one.prefecture in ("", place.prefecture) for one in outer)
    )


def _inside(name: str, outer: frozenset[Place]) -> frozenset[Place]:
    """Return the local places of a name that lie in one of `outer`."""
    return _within(_local_names().get(name, ()), outer)


def _english(key: str) -> frozenset[Place]:
    for suffix in _SUFFIXES_EN:
        if key.endswith(suffix) and (found := _by_name(key.removesuffix(suffix)) if key != suffix else None):
            return found
    return frozenset()


def _unclear(text: str) -> Unclear[Place]:
    """Return the question about a text that is not a place, with the places related to it."""
    key = key_of(text)
    for name in (key, _TRAILING.sub("", key)):
        if name in _REGIONS:
            places = _of_abbreviations(_REGIONS[name])
            return _question(problems.PLACE_SEVERAL if len(places) > 1 else problems.PLACE_BESIDE, places)
        if len(name) > 1 and all(letter in _by_letter() for letter in name):  # 粤桂
            return _question(problems.PLACE_SEVERAL, _of_abbreviations(name))
    if key == "境外":
        return _question(problems.PLACE_SEVERAL, [Place(OVERSEAS), *_of_abbreviations("港澳台")])
    if key in _ASKED:
        return _question(problems.PLACE_BESIDE, _names()[key])
    named = _named_in(text)
    if key in _GENERAL or _OUTSIDE.search(text):
        return _question(problems.PLACE_OUTSIDE, named if re.search("等|etc", text) else ())
    if not named:
        return _question(problems.PLACE_UNKNOWN, ())
    return _question(problems.PLACE_SEVERAL if len(named) > 1 else problems.PLACE_BESIDE, named)


def _question(problem: Problem, found: Iterable[Place]) -> Unclear[Place]:
    readings = tuple(Reading(str(place), place) for place in sorted(set(found)))
    return Unclear(problem.code, problem.message, problem.short, readings)


def _named_in(text: str) -> set[Place]:
    """Return the divisions that a text names anywhere, and the place that a part of it begins with; but for streets."""
    found: set[Place] = set()
    key = key_of(text)
    for name, code in _division_names().items():
        at = key.find(name)
        if at >= 0 and not _STREET.match(key[at + len(name) :]):
            found.add(Place(code))
    for part in re.split(r"[^\w]+", text):
        key = key_of(part)
        end = next((end for end in range(min(len(key), 12), 1, -1) if key[:end] in _names()), 0)
        if end and not _STREET.match(key[end:]) and (end == len(key) or not key.isascii()):
            found |= {place for place in _names()[key[:end]] if place.division not in {one.division for one in found}}
    return found - {NOWHERE}


@cache
def _by_letter() -> dict[str, Place]:
    """Return the divisions by their abbreviations of one character."""
    return {word[:-6]: Place(word[-6:]) for word in placewords.ABBREVIATIONS.split() if len(word) == 7}


def _of_abbreviations(letters: str) -> frozenset[Place]:
    return frozenset(_by_letter()[letter] for letter in letters)


@cache
def _division_names() -> dict[str, str]:
    """Return the Chinese names of divisions: the short ones, the full ones, and common shortenings of the full ones."""
    names: dict[str, str] = {}
    for division in DIVISIONS.values():
        if division.tile:
            names |= dict.fromkeys(_chinese_names(division), division.code)
    return names


def _chinese_names(division: ChinaDivision) -> set[str]:
    short = division.zh
    names = {short, division.zh_full, f"{short}省", f"中国{short}", f"中国{division.zh_full}"}
    if division.kind == "municipality":
        names |= {f"{short}市", f"{short}直辖市"}
    if nation := _AUTONOMOUS.get(division.code):
        names |= {f"{short}自治区", f"{short}{nation}自治区", f"{short}区"}
    if division.kind == "special-administrative-region":
        names |= {f"{short}特区", f"{short}行政区", f"{short}特别行政区"}
    return names


@cache
def _names() -> dict[str, frozenset[Place]]:
    """Return every name with the places that it may mean. A division's name is never another place's."""
    names = {name: frozenset(places) for name, places in _local_names().items()}
    for word in f"{placewords.OVERSEAS} {' '.join(_countries())}".split():
        names[key_of(word)] = frozenset({Place(OVERSEAS)})
    for word in placewords.UNKNOWN.split():
        names[key_of(word)] = frozenset({NOWHERE})
    for name, place in _of_divisions().items():
        names[name] = frozenset({place})
    for pair in placewords.SHARED.split():
        name, codes = pair.split(":")
        names[name] = frozenset(map(_of_code, codes.split(",")))
    return names


@cache
def _local_names() -> dict[str, set[Place]]:
    """Return the names of prefectures and counties, those included that a division has too."""
    names: defaultdict[str, set[Place]] = defaultdict(set)
    for county in list_counties():
        for name in (county.zh, county.zh_full):
            if len(name) > 1:
                names[key_of(name)].add(Place(county.division, county.prefecture or ""))
    for prefecture in PREFECTURES.values():
        place = Place(prefecture.division, prefecture.code)
        names[key_of(prefecture.zh_full)] = {place}  # 朝阳市 is the city, even if counties have the same name
        if prefecture.code.endswith("0100"):
            names[key_of(prefecture.zh)] = {place}  # 西安 is the capital of its province; there are two 西安区
        for name in {prefecture.zh, prefecture.en, prefecture.pinyin, *_shorter(prefecture.zh, prefecture.zh_full)}:
            names[key_of(name)].add(place)
    return dict(names)


def _shorter(short: str, full: str) -> set[str]:
    """Return the shortened form of a long name: 延边州, 海南州, 阿里地区."""
    return {f"{short}州"} if full.endswith("自治州") else {f"{short}市", f"{short}地区"} - {full}


def _of_divisions() -> dict[str, Place]:
    names = {name: Place(code) for name, code in _division_names().items()}
    for division in DIVISIONS.values():
        iso = division.iso.casefold()
        words = {division.zh, division.en, division.code, iso, iso.removeprefix("cn-"), division.code[:2]}
        names |= {key_of(word): Place(division.code) for word in words if word}
    for word in f"{placewords.ABBREVIATIONS} {placewords.OTHER_NAMES}".split():
        names[key_of(word[:-6])] = _of_code(word[-6:])
    return names | {name: Place(code) for name, code in _LONG_EN.items()}


def _of_code(code: str) -> Place:
    return Place(code) if code in DIVISIONS else Place(division_of(code), code)


def _countries() -> set[str]:
    """Return the names of all countries but China, in Chinese and in English."""
    ours = {"CN", "HK", "MO", "TW"}
    return {
        key_of(name)
        for language in ("zh", "en")
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code not in ours and code not in ("ZZ", "EU", "EZ", "UN", "XA", "XB")
    }

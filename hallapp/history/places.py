"""From a place as people write it to its division, and its prefecture where one is named.

A place is found by its names, short and full, in Chinese and in English, by its abbreviation or its code; a province
and a city may stand in one cell. What may be two places is never guessed: it gives all of them.
"""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache

from babel import Locale

from hallapp.divisions import DIVISIONS, OVERSEAS, UNKNOWN, Division
from hallapp.prefectures import PREFECTURES, division_of, list_counties

_LONGEST = 80  # characters of a cell that are looked at: no place has a longer name
_ABBREVIATIONS = (
    "京110000 津120000 冀130000 晋140000 蒙150000 内蒙150000 辽210000 吉220000 黑230000 沪310000 申310000 苏320000"
    " 浙330000 皖340000 闽350000 赣360000 鲁370000 豫410000 鄂420000 湘430000 粤440000 桂450000 琼460000 渝500000"
    " 川510000 蜀510000 贵520000 黔520000 云530000 滇530000 藏540000 陕610000 秦610000 甘620000 陇620000 青630000"
    " 宁640000 新650000 台710000 港810000 澳820000"
)
_OTHER_NAMES = (
    "香港特区810000 澳门特区820000 中国香港810000 中国澳门820000 中国台湾710000 hksar810000 hk810000 hongkong810000"
    " macau820000 macao820000 aomen820000 xianggang810000 tw710000 taibei710000 台北710000 台北市710000"
    " 高雄710000 高雄市710000"
    " neimenggu150000 innermongolia150000 neimongol150000 nmg150000 xizang540000 shanxisheng140000 shaanxisheng610000"
    " lvliang141100"
)
_OVERSEAS = (
    "海外 国外 境外 外国 外籍 外宾 境外国家 国际 其他国家 美利坚 英 美 usa us uk america greatbritain england scotland"
    " korea overseas abroad foreign foreigner foreigners international othercountries uae 阿联酋 阿拉伯联合酋长国 沙特"
    " 波黑 老挝 港澳台以外 南韩 北韩 苏联 欧洲 非洲 美洲 北美 南美 大洋洲 东南亚 europe africa asia"
)
_UNKNOWN = "未说明 不详 不明 未知 未填 无 其他 其它 不清楚 未登记 notstated unknown other others na none"
_AUTONOMOUS = {"150000": "蒙古族", "450000": "壮族", "540000": "藏族", "640000": "回族", "650000": "维吾尔族"}
_SUFFIXES_EN = ("province", "municipality", "city", "autonomousregion", "sar", "prefecture", "china", "prc")
_LONG_EN = {
    "guangxizhuangautonomousregion": "450000",
    "ningxiahuiautonomousregion": "640000",
    "xinjianguyghurautonomousregion": "650000",
    "xinjianguygurautonomousregion": "650000",
}
_TRADITIONAL = str.maketrans(
    "臺灣廣東門蘇遼寧龍雲貴陝內肅慶縣區瀋陽濟鄭漢長瀾連蘭銀烏魯齊爾濱義興溫紹蕪湖蚌馬鞍銅陵贛撫饒萊煙濰臨聊澤開鶴許駕荊門孝黃岡鹹隨婁懷衡韶關頭韓揭雲賓樂瀘綿遂內達資遵順畢銅麗滄楚紅瀘維圖臺國際灣鳳東亞",
    "台湾广东门苏辽宁龙云贵陕内肃庆县区沈阳济郑汉长澜连兰银乌鲁齐尔滨义兴温绍芜湖蚌马鞍铜陵赣抚饶莱烟潍临聊泽开鹤许驾荆门孝黄冈咸随娄怀衡韶关头韩揭云宾乐泸绵遂内达资遵顺毕铜丽沧楚红泸维图台国际湾凤东亚",
)
_TRAILING = re.compile(r"(人|籍|地区|方向|等地?)$")
_CODE = re.compile(r"([0-9]{2})([0-9]{4}|[0-9]{10})?(\.0+)?")
_JOINTS = (re.compile(r"[,，、/／|;；>→·]+"), re.compile(r"[,，、/／|;；>→·\-–—_\s]+"))


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A division, and a prefecture of it where one is known."""

    division: str
    prefecture: str = ""

    def __str__(self) -> str:
        """As it is kept and sent: `440000` or `440000/440100`."""
        return f"{self.division}/{self.prefecture}" if self.prefecture else self.division

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        """The place of its own text; None for any other text."""
        division, _slash, prefecture = text.partition("/")
        if division not in DIVISIONS or (prefecture and prefecture not in PREFECTURES):
            return None
        if prefecture and division_of(prefecture) != division:
            return None
        return cls(division, prefecture)


NOWHERE = Place(UNKNOWN)


@lru_cache(maxsize=20_000)
def find_places(text: str) -> frozenset[Place]:
    """Every place that a text may mean: one where it is clear, none where it is not known; not stated where empty."""
    text = unicodedata.normalize("NFKC", text[:_LONGEST]).casefold().translate(_TRADITIONAL).strip()
    if not key_of(text):
        return frozenset({NOWHERE})
    if code := _CODE.fullmatch(text):
        return _by_code(f"{code[1]}{(code[2] or '')[:4]:0<4}")
    if found := _by_name(key_of(text)):
        return found
    for joint in _JOINTS:  # blanks part words of one name, too: they come last
        parts = [part for part in joint.split(text) if key_of(part)]
        if len(parts) > 1 and (found := _together([_by_name(key_of(part)) for part in parts])):
            return found
    return frozenset()


def join(*cells: str) -> str:
    """Several cells of one place, such as its province and its city, as one text."""
    return " / ".join(dict.fromkeys(cell.strip() for cell in cells if cell.strip()))


def key_of(text: str) -> str:
    """A text as places are compared: without widths, cases, blanks and marks."""
    text = unicodedata.normalize("NFKC", text[:_LONGEST]).casefold().translate(_TRADITIONAL)
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return re.sub(r"[^\w]|_", "", text)


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
    """What several parts mean together: `Suzhou, Jiangsu` is one place, `广东、广西` is none."""
    known = [places for places in found if places]
    if not known:
        return frozenset()
    divisions = frozenset.intersection(*(frozenset(place.division for place in places) for places in known))
    left = [frozenset(place for place in places if place.division in divisions) for places in known]
    precise = [named for places in left if (named := frozenset(p for p in places if p.prefecture))]
    if not precise:
        return frozenset(Place(division) for division in divisions)
    best = frozenset.intersection(*precise)
    return best if len(precise) == 1 or best else frozenset(Place(division) for division in divisions)


@lru_cache(maxsize=20_000)
def _by_name(key: str) -> frozenset[Place]:
    """The places of a name; of a province's name with a city's after it; of a city's full name with more after it."""
    names = _names()
    if found := names.get(key):
        return found
    if key.isascii():
        return _english(key)
    for end in range(min(len(key) - 1, 12), 1, -1):
        start, rest = key[:end], key[end:]
        if division := _division_names().get(start):
            inside = frozenset(place for place in _within(rest) if place.division == division)
            if inside:
                return inside
            if start.endswith(("省", "区", "市")) and not names.get(rest):
                return frozenset({Place(division)})
        elif start.endswith(("市", "州", "盟", "地区")) and (found := names.get(start)):
            inside = frozenset(place for place in _within(rest) if place.division in {one.division for one in found})
            return found if len(found) == 1 else inside or found
    shorter = _TRAILING.sub("", key)
    return _by_name(shorter) if shorter and shorter != key else frozenset()


def _english(key: str) -> frozenset[Place]:
    for suffix in _SUFFIXES_EN:
        if key.endswith(suffix) and (found := _by_name(key.removesuffix(suffix)) if key != suffix else None):
            return found
    return frozenset()


def _within(rest: str) -> frozenset[Place]:
    """The places whose name a text is or begins with, the longest name first."""
    for end in range(len(rest), 1, -1):
        if found := _local_names().get(rest[:end]):
            return frozenset(found)
    return frozenset()


@cache
def _division_names() -> dict[str, str]:
    """The names of divisions in Chinese, short, full and as people shorten the full ones."""
    names: dict[str, str] = {}
    for division in DIVISIONS.values():
        if division.tile:
            names |= dict.fromkeys(_chinese_names(division), division.code)
    return names


def _chinese_names(division: Division) -> set[str]:
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
    """Every name with the places that it may mean. A division's name is never another place's."""
    names = {name: frozenset(places) for name, places in _local_names().items()}
    for word in f"{_OVERSEAS} {' '.join(_countries())}".split():
        names[key_of(word)] = frozenset({Place(OVERSEAS)})
    for word in _UNKNOWN.split():
        names[key_of(word)] = frozenset({NOWHERE})
    for name, place in _of_divisions().items():
        names[name] = frozenset({place})
    for name, codes in {"港澳台": ("710000", "810000", "820000"), "港澳": ("810000", "820000")}.items():
        names[name] = frozenset(Place(code) for code in codes)
    return names


@cache
def _local_names() -> dict[str, set[Place]]:
    """The names of prefectures and counties, those included that a division has too."""
    names: defaultdict[str, set[Place]] = defaultdict(set)
    for county in list_counties():
        for name in (county.zh, county.zh_full):
            if len(name) > 1:
                names[key_of(name)].add(Place(county.division, county.prefecture or ""))
    for prefecture in PREFECTURES.values():
        place = Place(prefecture.division, prefecture.code)
        names[key_of(prefecture.zh_full)] = {place}  # 朝阳市 is the city, whatever counties are called
        for name in {prefecture.zh, prefecture.en, prefecture.pinyin, *_shorter(prefecture.zh, prefecture.zh_full)}:
            names[key_of(name)].add(place)
    return dict(names)


def _shorter(short: str, full: str) -> set[str]:
    """How a long name is shortened: 延边州, 海南州, 阿里地区."""
    return {f"{short}州"} if full.endswith("自治州") else {f"{short}市", f"{short}地区"} - {full}


def _of_divisions() -> dict[str, Place]:
    names = {name: Place(code) for name, code in _division_names().items()}
    for division in DIVISIONS.values():
        iso = division.iso.casefold()
        words = {division.zh, division.en, division.code, iso, iso.removeprefix("cn-"), division.code[:2]}
        names |= {key_of(word): Place(division.code) for word in words if word}
    for word in f"{_ABBREVIATIONS} {_OTHER_NAMES}".split():
        name, code = word[:-6], word[-6:]
        names[key_of(name)] = Place(code) if code in DIVISIONS else Place(division_of(code), code)
    return names | {name: Place(code) for name, code in _LONG_EN.items()}


def _countries() -> set[str]:
    """The names of all countries but China, in Chinese and in English."""
    ours = {"CN", "HK", "MO", "TW"}
    return {
        key_of(name)
        for language in ("zh", "en")
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code not in ours and code not in ("ZZ", "EU", "EZ", "UN", "XA", "XB")
    }

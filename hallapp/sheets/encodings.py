"""The encoding of a text: known by its mark or its form, else estimated by the frequency of its characters.

Each encoding in question gives the same bytes other characters. The reading whose characters are by far the likeliest
is taken; where two are close, a person is asked. Likelihoods are natural logarithms.
"""

import codecs
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from charset_normalizer import from_bytes
from charset_normalizer.constant import IANA_SUPPORTED

from hallapp.sheets import errors
from hallapp.sheets.errors import Candidate
from hallapp.sheets.kinds import pieces

_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"\x84\x31\x95\x33": "gb18030",
}
_LOOK_AT = 64 * 1024  # bytes of lines with characters outside of ASCII
_SURE = 9.0  # by so much the best reading is likelier than the next one: about 8,000 times
#: A character of a reading that is taken is likelier than this on average: of thousands of Chinese characters, of a
#: few accented letters among others, or of an alphabet.
_PLAUSIBLE, _PLAUSIBLE_ACCENTS, _PLAUSIBLE_ALPHABET = -11.5, -8.5, -5.0
_CANDIDATES_MOST = 6
_LINES_SHOWN, _LINE_SHOWN = 5, 60
_BY_CHANCE = 6  # so few characters of two bytes may be valid UTF-8 by chance

#: Frequent characters of lists and figures in both scripts: headings, places, organisations, family names, numerals.
_FREQUENT = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形"
    "相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展"
    "五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必"
    "战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打"
    "白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫"
    "且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精"
    "值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严龙飞姓邮址"
    "预约访客馆到实票龄男女备注序联籍贯源城镇乡街校班级师讲讲解导览项目主题幼儿园医银行公司企业协会委妇青工退休干部"
    "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚"
    "谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文伟芳娜敏静丽强磊洋艳勇军杰娟涛超秀霞平刚桂英华玉萍红娥玲"
    "芬燕彩春菊兰凤洁梅琳素云莲真环雪荣爱妹香月莺媛瑞凡佳嘉琼勤珍贞莉欣怡婷宁蓉眉君琴薇梦岚苑筠柔竹霭凝晓欢枫芸菲寒伊亚宜可姬舒影荔枝"
    "广东湖南北河山西陕甘肃青海四川贵州云南安徽福建江苏浙江吉林辽宁黑龙内蒙古宁夏回疆藏自治区直辖市香港澳门台湾重庆天津上海深圳武汉成都"
    "這個們來時國會學對開過還經發現當說說種電話業從動長門東車見間關麗華陳張劉楊趙黃吳孫鄭謝韓馮許鄧蕭葉蘇盧蔣賈閻鐘譚鄒陸顧龍萬錢湯賴龔"
    "廣東灣臺灣澳門陝肅貴雲寧遼黑龍區與體點數據總計團隊單位學校醫院銀行協會黨員機關參觀訪館實際預約備註聯絡電郵號碼類別項題講導覽歲齡"
    "萬參觀團體貳參肆伍陸柒捌玖零億千百第屆級組員長處廳縣鎮鄉街號樓層室歐美亞非華僑衛豐寶鳳蘭瓊蓮靜潔慶榮愛興國強偉傑濤勝順禮義智輝煒"
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text as one encoding reads it, with how likely it is in all, and a character on average."""

    encoding: str
    text: str
    likelihood: float
    average: float


def find_encoding(path: Path, said: str | None = None) -> str:
    """Return the encoding of a text; `said` is the choice of a person.

    Raises:
        TextUnreadable: the text is in no known encoding, or the chosen one is unknown.
        TextUnsure: the text may be in one of several encodings.
        FileOfOtherKind: it is not a text.
    """
    if said:
        return _known(said)
    with path.open("rb") as file:
        start = file.read(_LOOK_AT)
    for mark, encoding in _MARKS.items():
        if start.startswith(mark):
            return encoding
    if b"\0" in start:
        return _find_utf16(start)
    lines, is_utf8 = _telling_lines(path)
    if is_utf8:
        _doubt_utf8(lines)
        return "utf-8-sig"
    return _judge(lines)


def _known(said: str) -> str:
    try:
        found = codecs.lookup(said).name
    except (LookupError, ValueError):
        raise errors.TextUnreadable from None
    if found not in {"utf-8-sig", *(codecs.lookup(one).name for one in IANA_SUPPORTED if one != "utf_7")}:
        raise errors.TextUnreadable
    return "utf-8-sig" if found == "utf-8" else found


def _find_utf16(start: bytes) -> str:
    """Return which end comes first in UTF-16 without a mark: the one in which most characters are usual ones."""
    shares = {encoding: _usual_share(start, encoding) for encoding in ("utf-16-le", "utf-16-be")}
    best = max(shares, key=shares.__getitem__)
    if shares[best] < 0.9 or min(shares.values()) > shares[best] - 0.3:
        raise errors.FileOfOtherKind("binary")
    return best


#: Latin, Cyrillic, Chinese and Korean letters, and the marks between them.
_USUAL = re.compile(
    "[\t\r\n -~\xa0-\u017f\u0400-\u04ff\u2010-\u2026\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
    "\uff01-\uff5e\U00020000-\U0003ffff]"
)
_ASCII = re.compile("[\t\r\n -~]")


def _usual_share(start: bytes, encoding: str) -> float:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeError:
        return 0.0
    return len(_USUAL.findall(text)) / len(text) if _ASCII.search(text) else 0.0


def _telling_lines(path: Path) -> tuple[bytes, bool]:
    """Return lines with characters outside of ASCII, and whether the whole file is valid UTF-8."""
    decoder, is_utf8 = codecs.getincrementaldecoder("utf-8")(), True
    found: list[bytes] = []
    size, rest = 0, b""
    with path.open("rb") as file:
        for piece in (*pieces(file), b""):
            if is_utf8:
                try:
                    decoder.decode(piece, final=not piece)
                except UnicodeError:
                    is_utf8 = False
            if size < _LOOK_AT and not piece.isascii():
                *lines, rest = (rest + piece).replace(b"\r", b"\n").split(b"\n")
                telling = [line for line in lines if not line.isascii()]
                found += telling
                size += sum(map(len, telling))
            if size >= _LOOK_AT and not is_utf8:
                break
    found.append(rest)
    return b"\n".join(found)[:_LOOK_AT], is_utf8


def _doubt_utf8(content: bytes) -> None:
    """Ask where a few characters are valid UTF-8, but read as usual Chinese characters too, as `姓` and `名` may.

    Raises:
        TextUnsure: both readings are likely.
    """
    try:
        text = content.decode("utf-8", "ignore")
    except UnicodeError:
        return
    wide = [character for character in text if character > "\x7f"]
    if not wide or len(wide) > _BY_CHANCE or any(character > "\u07ff" for character in wide):
        return
    if re.search(r"[A-Za-z][\x80-\u07ff]|[\x80-\u07ff][A-Za-z]", text):
        return
    chinese = _read(content, "gb18030", _han_likelihood(_gb_likelihood), 0)
    if chinese and chinese.average > _PLAUSIBLE:
        readings = [_Reading("utf-8-sig", text, 0, 0), chinese]
        raise errors.TextUnsure([_candidate(one) for one in readings])


def _judge(content: bytes) -> str:
    """Return the encoding whose reading is by far the likeliest.

    Raises:
        TextUnsure: two are close, or none is likely.
        TextUnreadable: none can read the text.
    """
    readings = _readings(content)
    best = readings[0] if readings else None
    clear = best and (len(readings) == 1 or best.likelihood - readings[1].likelihood >= _SURE)
    if best and clear and best.average > _least(best.encoding):
        return best.encoding
    _refuse_damaged(content, best.likelihood if best else -math.inf)
    likely = [one for one in readings if (best and best.likelihood - one.likelihood < 2 * _SURE) or one is best]
    candidates = [_candidate(one) for one in likely]
    known = {one.text for one in likely}
    for match in from_bytes(content):
        text = str(match)
        if text not in known:
            known.add(text)
            candidates.append(_candidate(_Reading(match.encoding, text, 0, 0)))
    if not candidates or not _is_text(content):
        raise errors.TextUnreadable
    raise errors.TextUnsure(candidates[:_CANDIDATES_MOST])


def _readings(content: bytes) -> list[_Reading]:
    """Return the readings of the possible encodings, each text once, the most likely first."""
    found = [_read(content, encoding, likelihood, prior) for encoding, (likelihood, prior) in _ENCODINGS.items()]
    unique: dict[str, _Reading] = {}
    for one in sorted((one for one in found if one), key=lambda one: -one.likelihood):
        unique.setdefault(one.text, one)
    return list(unique.values())


def _least(encoding: str) -> float:
    if encoding in _WHOLE_SCRIPTS:
        return _PLAUSIBLE_ALPHABET
    return _PLAUSIBLE_ACCENTS if encoding in _ALPHABETS else _PLAUSIBLE


def _refuse_damaged(content: bytes, best: float) -> None:
    """Refuse a text whose characters were cut through in a few places: every other encoding would read it wrong.

    Raises:
        TextUnreadable: all but a few characters are UTF-8, GB 18030 or Big5, by far likelier than the best reading.
    """
    wide = sum(byte > 0x7F for byte in content)
    for encoding, likelihood in (("utf-8", _gb_likelihood), ("gb18030", _gb_likelihood), ("big5", _big5_likelihood)):
        text = content.decode(encoding, "replace")
        lost = text.count("\ufffd")
        read = [character for character in text if character > "\x7f" and character != "\ufffd"]
        total = sum(map(likelihood, read))
        if lost and lost * 10 < wide and total > max(best + _SURE, _PLAUSIBLE * len(read)):
            raise errors.TextUnreadable


def _is_text(content: bytes) -> bool:
    """Return whether bytes can be a text at all: most of them would be letters in some encoding."""
    return content.count(b"\xff") * 4 < len(content)


def _candidate(reading: _Reading) -> Candidate:
    lines = [line.strip()[:_LINE_SHOWN] for line in reading.text.splitlines() if line.strip()]
    return Candidate(reading.encoding, tuple(lines[:_LINES_SHOWN]))


def _read(content: bytes, encoding: str, likelihood: Callable[[str], float], prior: float) -> _Reading | None:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(content)
    except UnicodeError:
        return None
    wide = sum(character > "\x7f" for character in text)
    if not wide or re.search(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]", text):
        return None
    value = likelihood(text)
    return _Reading(encoding, text, value + prior, value / wide)


def _log(probability: float) -> float:
    return math.log(probability)


_VERY_RARE, _FREQUENT_ONE = _log(1e-8), _log(1.2e-3)
_PUNCTUATION, _RARE = _log(5e-4), _log(3.5e-7)
_BESIDE_LETTERS = _log(1e-3)  # a Chinese character between two small Latin letters


def _han_likelihood(of_character: Callable[[str], float]) -> Callable[[str], float]:
    """Return how likely a text is, by its characters outside of ASCII."""

    def likelihood(text: str) -> float:
        found = sum(of_character(character) for character in text if character > "\x7f")
        return found + _BESIDE_LETTERS * len(re.findall(r"[a-z][^\x00-\x7f]|[^\x00-\x7f][a-z]", text))

    return likelihood


def _by_level(encoding: str, levels: tuple[tuple[range, float], ...]) -> Callable[[str], float]:
    """Return how likely a character is, by its first byte in an encoding, which places frequent characters first."""

    @lru_cache(maxsize=30_000)
    def of_character(character: str) -> float:
        if character in _FREQUENT:
            return _FREQUENT_ONE
        if character in _CHINESE_MARKS:
            return _PUNCTUATION
        try:
            code = character.encode(encoding)
        except UnicodeError:
            return _RARE if "\u3400" <= character <= "\u9fff" else _VERY_RARE
        return next((value for leads, value in levels if code[0] in leads), _VERY_RARE)

    return of_character


_CHINESE_MARKS = frozenset("，。、；：？！（）《》“”‘’—…·【】「」『』％　０１２３４５６７８９－～＋／＊＃")
_gb_likelihood = _by_level("gb2312", ((range(0xB0, 0xD8), _log(1e-4)), (range(0xD8, 0xF8), _log(1.3e-5))))
_big5_likelihood = _by_level("big5", ((range(0xA4, 0xC7), _log(8e-5)), (range(0xC9, 0xFA), _log(2.6e-6))))


@lru_cache(maxsize=30_000)
def _korean_likelihood(character: str) -> float:
    try:
        lead = character.encode("euc_kr")[0]
    except UnicodeError:  # a syllable that Korean has no word with
        return _VERY_RARE
    if 0xB0 <= lead <= 0xC8:
        return _log(4e-4)
    return _log(1e-6) if lead >= 0xCA else _VERY_RARE


@lru_cache(maxsize=30_000)
def _japanese_likelihood(character: str) -> float:
    if "\u3041" <= character <= "\u30ff":
        return _log(3e-3)
    if "\uff61" <= character <= "\uff9f":
        return _log(1e-5)
    try:
        lead = character.encode("shift_jis")[0]
    except UnicodeError:
        return _VERY_RARE
    return _log(1e-4) if lead < 0x99 else _log(2e-6)


#: The letters beyond a–z of languages, for the code pages that have them.
_ALPHABETS: dict[str, tuple[str, ...]] = {
    "cp1252": ("àâæçéèêëîïôœùûüÿ", "äöüßé", "áéíóúüñ", "áàâãçéêíóôõúü", "àèéìîòóùú", "æøåéäöü", "åäöéü", "éëïöüèáíóú",
               "áéíóúýþæöð", "áéíóúàèìòù"),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž", "çë"),
    "cp1254": ("çğıöşüİâîû",),
    "cp1257": ("āčēģīķļņšūž", "ąčęėįšųūž", "äõöüšž"),
    "cp1251": ("абвгдежзийклмнопрстуфхцчшщъыьэюяё", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"),
    "koi8_r": ("абвгдежзийклмнопрстуфхцчшщъыьэюяё",),
    "cp1253": ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",),
}  # fmt: skip
_WHOLE_SCRIPTS = frozenset({"cp1251", "koi8_r", "cp1253"})  # others have single letters among a–z
_LATIN_MARKS = frozenset("‘’“”–—…€°§«»£©®·ºª¿¡№")


def _alphabetic_likelihood(encoding: str) -> Callable[[str], float]:
    """Return how likely a text is in the language, of those that use a code page, that fits it best."""
    whole = encoding in _WHOLE_SCRIPTS

    def likelihood(text: str) -> float:
        words = re.findall(r"[^\W\d_]*[^\x00-\x7f\W\d_][^\W\d_]*|[^\x00-\x7f]", text)
        return max(sum(_word(word, alphabet, whole) for word in words) for alphabet in _ALPHABETS[encoding])

    return likelihood


def _word(word: str, alphabet: str, whole: bool) -> float:
    wide = [character for character in word if character > "\x7f"]
    if len(word) == 1 and not word.isalpha():
        return _log(1e-3) if word in _LATIN_MARKS else _VERY_RARE
    usual = _log((1.0 if whole else 0.05) / len(alphabet))
    value = sum(usual if one in alphabet or one.lower() in alphabet else _log(1e-6) for one in wide)
    if whole != (len(wide) == len(word)) and len(word) > 1:
        value += _log(1e-4) if whole else _log(1e-3) * (len(wide) - 1)
    elif not whole and len(wide) > 1:
        value += _log(1e-3) * (len(wide) - 1)
    good_case = word.islower() or word.isupper() or word[1:].islower() or word.istitle()
    return value if good_case else value + _log(1e-3)


#: The encodings in question: how likely a text is in each, and how likely a hall of China gets such a file.
_ENCODINGS: dict[str, tuple[Callable[[str], float], float]] = {
    "gb18030": (_han_likelihood(_gb_likelihood), 0.0),
    "big5hkscs": (_han_likelihood(_big5_likelihood), -1.0),
    "cp949": (_han_likelihood(_korean_likelihood), -7.0),
    "cp932": (_han_likelihood(_japanese_likelihood), -7.0),
    "cp1252": (_alphabetic_likelihood("cp1252"), -1.0),
    "cp1250": (_alphabetic_likelihood("cp1250"), -4.0),
    "cp1254": (_alphabetic_likelihood("cp1254"), -6.0),
    "cp1257": (_alphabetic_likelihood("cp1257"), -6.0),
    "cp1251": (_alphabetic_likelihood("cp1251"), -4.0),
    "koi8_r": (_alphabetic_likelihood("koi8_r"), -6.0),
    "cp1253": (_alphabetic_likelihood("cp1253"), -6.0),
}

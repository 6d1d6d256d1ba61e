"""Places as people write them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hallapp.divisions import DIVISIONS, OVERSEAS, UNKNOWN
from hallapp.history.places import Place, find_places, join, key_of
from hallapp.prefectures import PREFECTURES, get_prefecture, list_counties


def words(line: str) -> list[str]:
    return line.split()


@pytest.mark.parametrize(
    ("division", "texts"),
    [
        (
            "440000",
            "广东 广东省 粤 Guangdong GD CN-GD cn-gd 440000 44 440000.0 廣東省 GuangdongProvince 中国广东 广东人 ＧＤ",
        ),
        ("650000", "新疆 新疆维吾尔自治区 新疆自治区 XinjiangUygurAutonomousRegion"),
        ("150000", "内蒙 内蒙古 內蒙古 蒙 InnerMongolia NeiMongol Neimenggu"),
        ("610000", "陕西 陕 秦 Shaanxi 陝西"),
        ("140000", "山西 晋 Shanxi"),
        ("810000", "香港 港 HK HongKong 香港特别行政区 中国香港"),
        ("820000", "澳门 澳 Macao Macau 澳門"),
        ("710000", "台湾 臺灣 台 Taiwan 台湾省 台北"),
        ("110000", "北京 京 北京市 Beijing BJ 11 东城 北京市朝阳区 110105 110000000000"),
        ("220000", "吉林 吉林省 Jilin"),
        ("460000", "海南 海南省 Hainan"),
        (OVERSEAS, "海外 国外 境外 USA 美国 日本 Japan 韩国 UK overseas Abroad 法国 UnitedStates"),
        (UNKNOWN, "不详 未填 unknown 未说明 - /"),
    ],
)
def test_division_however_it_is_written(division: str, texts: str) -> None:
    for text in texts.split():
        assert find_places(text) == {Place(division)}, text
    assert find_places("Hong Kong") == {Place("810000")}
    assert find_places("  ") == find_places("") == {Place(UNKNOWN)}


@pytest.mark.parametrize(
    "text",
    [
        *words("广州 广州市 Guangzhou 广东省广州市 广东广州 广东省广州市越秀区 越秀区 440100 440104 广州市番禺区"),
        "广东省 广州市",
        "Guangzhou, Guangdong",
        "Guangzhou, Guangdong, China",
        "广东-广州",
        "广东/广州",
        "440104.0",
    ],
)
def test_city_leads_to_its_province(text: str) -> None:
    assert find_places(text) == {Place("440000", "440100")}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("朝阳", {"110000", "210000/211300", "220000/220100"}),
        ("朝阳区", {"110000", "220000/220100"}),
        ("朝阳市", {"210000/211300"}),
        ("辽宁朝阳", {"210000/211300"}),
        ("北京朝阳", {"110000"}),
        ("通州", {"110000", "320000/320600"}),
        ("苏州", {"320000/320500"}),
        ("宿州", {"340000/341300"}),
        ("Suzhou", {"320000/320500", "340000/341300"}),
        ("Suzhou, Jiangsu", {"320000/320500"}),
        ("海南州", {"630000/632500"}),
        ("青海海南", {"630000/632500"}),
        ("吉林市", {"220000/220200"}),
        ("昆山", {"320000/320500"}),
        ("石河子", {"650000/659001"}),
        ("港澳台", {"710000", "810000", "820000"}),
        ("广东、广西", set()),
        ("广东 / 苏州", set()),
        ("某地", set()),
        ("中国", set()),
        ("99", set()),
        ("x²", set()),
        ("9" * 5000, set()),
    ],
)
def test_what_may_be_two_places_is_not_guessed(text: str, places: set[str]) -> None:
    assert {str(place) for place in find_places(text)} == places


BLANKS = st.sampled_from(["", " ", "\u3000", "\t"])


@given(st.sampled_from([d for d in DIVISIONS.values() if d.tile]), st.integers(0, 8), BLANKS, st.booleans())
def test_every_spelling_of_every_division(division, spelling, blank, upper) -> None:  # type: ignore[no-untyped-def]
    spellings = [division.zh, division.zh_full, division.en, division.iso, division.iso[3:], division.code]
    spellings += [division.code[:2], f"{division.zh}省", f"{division.zh[0]} {division.zh[1:]}"]
    text = spellings[spelling]
    text = f"{blank}{text.upper() if upper else text}{blank}"
    assert find_places(text) == {Place(division.code)}


@given(st.sampled_from(list(PREFECTURES.values())), st.integers(0, 9), BLANKS)
def test_every_spelling_of_every_prefecture(prefecture, spelling, blank) -> None:  # type: ignore[no-untyped-def]
    division = DIVISIONS[prefecture.division]
    sure = [prefecture.zh_full, prefecture.code, f"{prefecture.code}000000", f"{division.zh}{prefecture.zh}"]
    sure += [f"{division.zh_full}{prefecture.zh_full}", f"{division.zh_full} {prefecture.zh}"]
    sure += [join(division.zh, prefecture.zh_full)]
    place = Place(prefecture.division, prefecture.code)
    if spelling < len(sure):
        named_as_division = prefecture.zh == division.zh and spelling == 3  # 吉林吉林
        assert find_places(f"{blank}{sure[spelling]}{blank}") == {place} or named_as_division
    else:  # short ones may be somebody else's too, but never without it; 吉林 and 海南 are divisions first
        text = (prefecture.zh, prefecture.en, prefecture.pinyin)[spelling - len(sure)]
        found = find_places(f"{blank}{text}{blank}")
        divisions_own = {key_of(name) for d in DIVISIONS.values() for name in (d.zh, d.en)}
        assert place in found or key_of(text) in divisions_own


@given(st.sampled_from(list_counties()))
def test_every_county_lies_in_its_division(county) -> None:  # type: ignore[no-untyped-def]
    found = find_places(f"{DIVISIONS[county.division].zh_full}{county.zh_full}")
    assert {place.division for place in found} == {county.division}
    assert {place.division for place in find_places(county.code)} == {county.division}


@given(st.text(max_size=60))
@example("\ud800")
@example("\x00")
@example("²" * 60)
def test_no_text_is_too_odd(text: str) -> None:
    for place in find_places(text):
        assert Place.parse(str(place)) == place


def test_a_place_of_its_own_text() -> None:
    assert Place.parse("440000/440100") == Place("440000", "440100")
    for text in ("", "44", "440000/", "440000/110100", "440000/320500", "x/y", "9" * 5000):
        parsed = Place.parse(text)
        assert parsed is None or str(parsed) == text.rstrip("/")
    assert get_prefecture("440100").name("en") == "Guangzhou" and get_prefecture("440100").name("zh") == "广州"
    assert len(PREFECTURES) == 364

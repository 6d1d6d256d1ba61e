"""Places as people write them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hallapp.history import placewords
from hallapp.history.place import NOWHERE, Place
from hallapp.history.places import join, read_place
from hallapp.history.placetext import key_of
from hallapp.history.problems import Unclear
from hallapp.origins.china import DIVISIONS, OVERSEAS, UNKNOWN
from hallapp.origins.prefectures import PREFECTURES, get_prefecture, list_counties
from hallapp.origins.queries import get_set

CHINA = get_set(1, "cn", "440000")


def places_of(text: str) -> set[Place]:
    """The place that a text means, or those that a person is asked about."""
    found = read_place(text)
    return {found} if isinstance(found, Place) else {reading.value for reading in found.readings}


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
        (OVERSEAS, "海外 国外 外宾 外国人 USA 美国 日本 Japan 韩国 UK overseas Abroad 法国 UnitedStates"),
        (UNKNOWN, "不详 未填 unknown 未说明 - /"),
    ],
)
def test_every_form_of_a_division_is_read(division: str, texts: str) -> None:
    for text in texts.split():
        assert read_place(text) == Place(division), text
    assert read_place("Hong Kong") == Place("810000")
    assert read_place("  ") == read_place("") == NOWHERE == Place(UNKNOWN)


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
    assert read_place(text) == Place("440000", "440100")


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
        ("广东、广西", {"440000", "450000"}),
        ("广东 / 苏州", {"440000", "320000/320500"}),
        ("某地", set()),
        ("中国", set()),
        ("99", set()),
        ("x²", set()),
        ("9" * 5000, set()),
    ],
)
def test_ambiguous_place_is_a_question(text: str, places: set[str]) -> None:
    assert {str(place) for place in places_of(text)} == places
    assert isinstance(read_place(text), Place) is (len(places) == 1)


BLANKS = st.sampled_from(["", " ", "\u3000", "\t"])


@given(st.sampled_from([d for d in DIVISIONS.values() if d.tile]), st.integers(0, 8), BLANKS, st.booleans())
def test_every_spelling_of_every_division_is_read(division, spelling, blank, upper) -> None:  # type: ignore[no-untyped-def]
    shared = {pair.partition(":")[0] for pair in placewords.SHARED.split()}
    spellings = [division.zh, division.zh_full, division.en, division.iso, division.iso[3:], division.code]
    if division.iso[3:].casefold() in shared:  # HN may be 河南 or 海南 too
        spellings[4] = division.iso
    spellings += [division.code[:2], f"{division.zh}省", f"{division.zh[0]} {division.zh[1:]}"]
    text = spellings[spelling]
    text = f"{blank}{text.upper() if upper else text}{blank}"
    assert read_place(text) == Place(division.code)


@given(st.sampled_from(list(PREFECTURES.values())), st.integers(0, 9), BLANKS)
def test_every_spelling_of_every_prefecture_is_read(prefecture, spelling, blank) -> None:  # type: ignore[no-untyped-def]
    division = DIVISIONS[prefecture.division]
    sure = [prefecture.zh_full, prefecture.code, f"{prefecture.code}000000", f"{division.zh}{prefecture.zh}"]
    sure += [f"{division.zh_full}{prefecture.zh_full}", f"{division.zh_full} {prefecture.zh}"]
    sure += [join(division.zh, prefecture.zh_full)]
    place = Place(prefecture.division, prefecture.code)
    if spelling < len(sure):
        named_as_division = prefecture.zh == division.zh and spelling == 3  # 吉林吉林
        assert read_place(f"{blank}{sure[spelling]}{blank}") == place or named_as_division
    else:  # short ones may be somebody else's too, but never without it; 吉林 and 海南 are divisions first
        text = (prefecture.zh, prefecture.en, prefecture.pinyin)[spelling - len(sure)]
        found = places_of(f"{blank}{text}{blank}")
        divisions_own = {key_of(name) for d in DIVISIONS.values() for name in (d.zh, d.en)}
        assert place in found or key_of(text) in divisions_own


@given(st.sampled_from(list_counties()))
def test_every_county_lies_in_its_division(county) -> None:  # type: ignore[no-untyped-def]
    found = places_of(f"{DIVISIONS[county.division].zh_full}{county.zh_full}")
    assert {place.division for place in found} == {county.division}
    assert {place.division for place in places_of(county.code)} == {county.division}


@given(st.text(max_size=60))
@example("\ud800")
@example("\x00")
@example("²" * 60)
def test_any_text_gives_a_place_a_question_or_none(text: str) -> None:
    for place in places_of(text):
        assert Place.parse(str(place), CHINA) == place


@pytest.mark.parametrize(
    ("texts", "place"),
    [
        ("内蒙|内蒙古自治区", "150000"),
        ("内蒙古自治区呼和浩特市|呼和浩特", "150000/150100"),
        ("广西壮族自治区|廣西", "450000"),
        (
            "广州市天河区|广州天河区|广东广州天河|廣東省廣州市|广东（广州）|广东省广州市天河区五山街道"
            "|广州市天河区五山路483号|广东省广州市东山区",
            "440000/440100",
        ),
        ("广东省中山市东区|广东省中山市东区街道", "440000/442000"),
        ("CN-HN|湖南", "430000"),
        ("新疆生产建设兵团|新疆兵团", "650000"),
        ("澳門|澳门特别行政区", "820000"),
        ("台灣|臺灣|台湾地区|台湾省", "710000"),
        ("黑龙江省哈尔滨市|黑龍江省哈爾濱市", "230000/230100"),
        ("陕西省西安|陝西省西安市|西安|Xi'an", "610000/610100"),
        ("湘西州|湖南湘西", "430000/433100"),
        (
            "广东(33)|广东（33人）|广东省内|广东人|广东籍|广东观众|广东地区|广东省乐从镇|Guangdong Province, China",
            "440000",
        ),
        ("广东 / 其他|广东 / 某某镇|广东 / 不详|广州、深圳|广州和深圳", "440000"),
        ("外宾|外国人|外籍人士|美国|美国游客|日本、韩国", "overseas"),
        ("湖南长沙（35人）|长沙人", "430000/430100"),
        ("湖北公安", "420000/421000"),
        ("襄樊", "420000/420600"),
        ("崇文区", "110000"),
    ],
)
def test_place_with_a_neutral_suffix_is_read(texts: str, place: str) -> None:
    for text in texts.split("|"):
        assert str(read_place(text)) == place, text


@pytest.mark.parametrize(
    ("texts", "question", "places"),
    [
        (
            "广东省外|广州市外|北京市以外|上海市外地|除广东省外|非广东|贵州省外|朝阳市外|广东广州外|广东 外",
            "outside",
            "",
        ),
        (
            "广东（不含广州）|广东省（省外）|湖南（外省）|外省湖南|广东及其他|广东 / 省外|广东省 / 市外"
            "|广东周边|广东省各市",
            "outside",
            "",
        ),
        ("outside Guangdong|non-Guangdong|not Guangdong|other than Guangdong|Other|others", "outside", ""),
        ("其他|其它|省外|市外|外省|外地|本省|本市|省内|国内|中国|全国各地|内地", "outside", ""),
        ("广东等|广东等地|广东、等|Guangdong etc.", "outside", "440000"),
        ("广东、广西等地", "outside", "440000 450000"),
        (
            "北京路小学|北京路|上海路|南京路|吉林路|杭州路小学|苏州街|广东路|某地|欧美|奉天|中国人民大学|省直机关",
            "unknown",
            "",
        ),
        (
            "广东省属单位|广东省博物馆|广东某单位|广东?|广东？|广东……|广东省军区|广东 某地|广东、某地|广东/某地",
            "beside",
            "440000",
        ),
        ("西藏中学", "beside", "540000"),
        ("郑州大学", "beside", "410000/410100"),
        ("广州外国语学校|广州市属|广州大学城", "beside", "440000/440100"),
        ("北京市场", "beside", "110000"),
        ("台胞|台湾同胞", "beside", "710000"),
        ("兵团|新疆生产建设兵团第八师", "beside", "650000"),
        ("公安", "beside", "420000/421000"),
        (
            "广东、湖南|广东和湖南|广东/湖南|广东,湖南|广东；湖南|Guangdong and Hunan|Hunan/Guangdong|广东+湖南",
            "several",
            "430000 440000",
        ),
        ("港澳|港澳同胞", "several", "810000 820000"),
        ("山西省西安市|山西省西安市碑林区", "beside", "140000"),
        ("广东省长沙市|广东省长沙市岳麓区", "beside", "440000"),
        ("广东省 长沙市", "several", "430000/430100 440000"),
        ("四川省重庆市|四川省重庆市渝中区", "several", "500000 510000"),
        ("广东省广州市岳麓区", "beside", "440000"),
        ("新北", "several", "320000/320400 710000"),
        ("巴州", "several", "510000/511900 650000/652800"),
        ("HN|hn", "several", "410000 430000 460000"),
        ("SX", "several", "140000 610000"),
        ("Gz", "several", "440000/440100 520000"),
        ("Chaoyang", "several", "110000 210000/211300 220000/220100"),
        ("港澳台", "several", "710000 810000 820000"),
        ("境外", "several", "710000 810000 820000 overseas"),
        ("华东", "several", "310000 320000 330000 340000 350000 360000 370000"),
        ("东北|东北地区|东三省", "several", "210000 220000 230000"),
        ("粤桂|两广|桂粤", "several", "440000 450000"),
        ("西湖|西湖区", "several", "330000/330100 360000/360100"),
        ("鼓楼区", "several", "320000/320100 320000/320300 350000/350100 410000/410200"),
    ],
)
def test_text_with_more_than_a_place_is_a_question(texts: str, question: str, places: str) -> None:
    for text in texts.split("|"):
        found = read_place(text)
        assert isinstance(found, Unclear), text
        assert (found.code, [reading.name for reading in found.readings]) == (f"place_{question}", places.split()), text
        assert all(str(reading.value) == reading.name for reading in found.readings)


def test_long_text_after_a_name_is_not_cut_off() -> None:
    assert isinstance(read_place("广东" + " " * 90 + "外"), Unclear)


@given(
    st.sampled_from([d for d in DIVISIONS.values() if d.tile] + list(PREFECTURES.values())),
    st.sampled_from(
        [
            "外",
            "以外",
            "之外",
            "外地",
            "等",
            "等地",
            "及其他",
            "路",
            "路小学",
            "大学",
            "某单位",
            "、",
            "和其他",
            "…",
            "？",
        ]
    ),
    st.booleans(),
)
def test_name_with_a_suffix_is_not_the_place(place, more, full) -> None:  # type: ignore[no-untyped-def]
    text = f"{place.zh_full if full else place.zh}{more}"
    assert isinstance(read_place(text), Unclear) or more == "、", text


@given(
    st.sampled_from([d for d in DIVISIONS.values() if d.tile]), st.sampled_from(["除", "非", "不含", "其他", "外省"])
)
def test_name_after_a_negation_is_not_the_place(division, before) -> None:  # type: ignore[no-untyped-def]
    for text in (f"{before}{division.zh}", f"{before}{division.zh_full}", f"{before} {division.zh}"):
        assert isinstance(read_place(text), Unclear), text


def test_a_place_of_its_own_text() -> None:
    assert Place.parse("440000/440100", CHINA) == Place("440000", "440100")
    for text in ("", "44", "440000/", "440000/110100", "440000/320500", "x/y", "9" * 5000):
        parsed = Place.parse(text, CHINA)
        assert parsed is None or str(parsed) == text.rstrip("/")
    assert get_prefecture("440100").name("en") == "Guangzhou" and get_prefecture("440100").name("zh") == "广州"
    assert len(PREFECTURES) == 364

"""Names that are pasted from a chat: one clean name each, and all else is shown beside them."""

import pytest

from hallapp.namelist import reading
from hallapp.namelist.found import Why
from hallapp.namelist.reading import Understood

THREE = ["张三", "李四", "王五"]
ENGLISH = ["Anna Schmidt", "Bob Lee"]


def names_of(understood: Understood) -> list[str]:
    return [row.name for row in understood.rows]


def notes_of(understood: Understood) -> dict[str, str]:
    return {row.name: row.note.code for row in understood.rows if row.note}


def left_of(understood: Understood) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(left.text, left.why.name, left.names) for left in understood.left_out]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("张三 李四 王五", THREE),
        ("张三\u3000李四\u3000王五", THREE),
        ("张三\t李四\t王五", THREE),
        ("张三/李四／王五", THREE),
        ("张三|李四｜王五", THREE),
        ("张三、李四，王五", THREE),
        ("张三,李四;王五", THREE),
        ("@张三 @李四 @王五", THREE),
        ("@张三@李四@王五", THREE),
        ("1. 张三\n2. 李四\n3. 王五", THREE),
        ("1.张三\r\n2.李四\r\n3.王五", THREE),
        ("1）张三\n2) 李四\n（3）王五", THREE),
        ("1、张三\n2、李四\n3、王五", THREE),
        ("１．张三\n２．李四\n３．王五", THREE),
        ("①张三\n②李四\n③王五", THREE),
        ("①张三②李四③王五", THREE),
        ("1.张三 2.李四 3.王五", THREE),
        ("1、张三2、李四3、王五", THREE),
        ("1张三\n2李四\n3王五", THREE),
        ("1 张三\n2 李四\n3 王五", THREE),
        ("一、张三\n二、李四\n三、王五", THREE),
        ("1\ufe0f\u20e3 张三\n2\ufe0f\u20e3 李四\n3\ufe0f\u20e3王五", THREE),
        ("- 张三\n• 李四\n* 王五", THREE),
        ("✅张三\n李四 ✔️\n👍🏻王五🎉", THREE),
        ("张三13800138000\n李四 139-0013-9000\n王五 +86 137 0013 7000", THREE),
        ("1\t张三\t广东\t13800138000\n2\t李四\t湖南\t13800138001\n3\t王五\t\t", THREE),
        ("张三 男 8岁\n李四 女\n王五 老师", THREE),
        ("1. 张三 1人\n2. 李四 1人\n3. 王五", THREE),
        ("姓名：张三\n姓名：李四\n姓名：王五", THREE),
        ("参观人员：张三、李四、王五", THREE),
        ("张三：13800138000\n李四：13800138001\n王五：已到", THREE),
        ("姓名\n张三\n李四\n王五", THREE),
        ("序号\t姓名\t电话\n1\t张三\t138\n2\t李四\t139\n3\t王五\t137", THREE),
        ("“张三”\n'李四'\n王五。", THREE),
        ("张\u200b三\u202c\n\ufeff李四\n王五", THREE),
        ("张 三\n李 四", ["张三", "李四"]),
        ("张 三 李 四", ["张三", "李四"]),
        ("欧阳 娜娜、司马 光", ["欧阳娜娜", "司马光"]),
        ("𠮷川龑 王㛃", ["𠮷川龑", "王㛃"]),
        ("阿卜杜拉•买买提 何秀珍", ["阿卜杜拉·买买提", "何秀珍"]),
        ("Anna Schmidt\nBob Lee", ENGLISH),
        ("Anna Schmidt, Bob Lee", ENGLISH),
        ("Anna Schmidt; Bob Lee", ENGLISH),
        ("Anna Schmidt/Bob Lee", ENGLISH),
        ("Anna Schmidt & Bob Lee", ENGLISH),
        ("Anna Schmidt\tBob Lee", ENGLISH),
        ("Anna\tSchmidt\nBob\tLee", ENGLISH),
        ("@Anna Schmidt @Bob Lee", ENGLISH),
        ("1. Anna Schmidt\n2. Bob Lee", ENGLISH),
        ("a) Anna Schmidt\nb) Bob Lee", ENGLISH),
        ("Schmidt, Anna\nLee, Bob", ENGLISH),
        ("García, José\nMüller, Jörg", ["José García", "Jörg Müller"]),
        ("Anna, Bob, Carl", ["Anna", "Bob", "Carl"]),
        ("Friedrich List\nAnna Schmidt\nMaria Evangelist\nSum Wai Man\nTotal Li", None),
        ("Nguyễn Văn Ánh\nNguyễn Thị Hoa", None),
        ("Sum, Wing\nTotal, Jean", ["Wing Sum", "Jean Total"]),
        ("Иванов Иван\nПётр Ильич", None),
    ],
)
def test_each_pasted_line_gives_one_clean_name(text: str, names: list[str] | None) -> None:
    understood = reading.understand_text(text)
    assert names_of(understood) == (names or text.splitlines())
    assert left_of(understood) == []
    assert not any(row.problems for row in understood.rows)


@pytest.mark.parametrize(
    ("text", "names", "left"),
    [
        (
            "#接龙\n参观报名\n\n1. 张三\n2. 李四\n3. 王五",
            THREE,
            [("#接龙", "ABOVE", ("接龙",)), ("参观报名", "ABOVE", ("参观报名",))],
        ),
        ("参观报名 12月5日\n张三\n李四", ["张三", "李四"], [("参观报名 12月5日", "TITLE", ("参观报名",))]),
        ("高一名单\n张三\n合计：38人", ["张三"], [("高一名单", "TITLE", ("高一名单",)), ("合计：38人", "TOTAL", ())]),
        ("张三\nTotal: 1", ["张三"], [("Total: 1", "TOTAL", ())]),
        ("张三\n共1人", ["张三"], [("共1人", "TOTAL", ())]),
        ("张三\n时间：12月5日", ["张三"], [("时间：12月5日", "FACT", ("12月5日",))]),
        ("张三\n填表人：何秀珍", ["张三"], [("填表人：何秀珍", "OFFICE", ("何秀珍",))]),
        ("张三 Tom", ["张三"], [("Tom", "BESIDE", ("Tom",))]),
        ("张三 财务部", ["张三"], [("财务部", "BESIDE", ("财务部",))]),
        ("张三（李四的孩子）", ["张三"], [("李四的孩子", "BESIDE", ("李四的孩子",))]),
        ("例：赵六 138\n1. 张三\n2. 李四", ["张三", "李四"], [("例：赵六 138", "EXAMPLE", ("赵六",))]),
        ("Guest list 2026\nAnna Schmidt", ["Anna Schmidt"], [("Guest list 2026", "TITLE", ("Guest list",))]),
    ],
)
def test_left_out_lines_are_kept_for_display(text: str, names: list[str], left: list[object]) -> None:
    understood = reading.understand_text(text)
    assert (names_of(understood), left_of(understood)) == (names, left)


def test_whole_message_of_a_chat_chain_is_read() -> None:
    text = (
        "#接龙\n12月5日参观科技馆\n上午9:30集合\n例 姓名+电话\n\n1. 张三 13800138000 ✅\n2. 李四+1\n"
        "3. @王五 带2人\n4. Anna Schmidt\n@所有人\n合计4人"
    )
    understood = reading.understand_text(text)
    assert names_of(understood) == [*THREE, "Anna Schmidt"]
    assert notes_of(understood) == {"李四": "and_more", "王五": "and_more"}
    assert [left.number for left in understood.left_out if left.why is Why.ABOVE] == [1, 2, 3]
    assert [left.why for left in understood.left_out if left.number > 3] == [Why.EXAMPLE, Why.NO_NAME, Why.TOTAL]


def test_label_before_a_name_asks_whether_the_person_comes() -> None:
    understood = reading.understand_text(
        "领队：王老师\n张三\n单位联系人：李四\n高一（3）班：王五、赵六\nLeader: Anna Schmidt"
    )
    assert names_of(understood) == ["王老师", "张三", "李四", "王五", "赵六", "Anna Schmidt"]
    assert set(notes_of(understood)) == {"王老师", "李四", "王五", "赵六", "Anna Schmidt"}
    assert set(notes_of(understood).values()) == {"from_label"}


def test_leader_above_a_numbered_list_is_not_lost() -> None:
    understood = reading.understand_text("领队：王老师\n1. 张三\n2. 李四")
    assert names_of(understood) == ["王老师", "张三", "李四"]


def test_one_name_with_a_comma_asks_whether_it_is_two() -> None:
    assert notes_of(reading.understand_text("García, José")) == {"José García": "one_or_two"}
    assert notes_of(reading.understand_text("García, José\nMüller, Jörg")) == {}


def test_a_number_times_a_name_is_no_part_of_it() -> None:
    understood = reading.understand_text("张三x2\n李四 ×3\nMax 2\nFelix")
    assert [row.name for row in understood.rows] == ["张三", "李四", "Max", "Felix"]
    assert notes_of(understood) == {"张三": "and_more", "李四": "and_more"}


def test_a_family_behind_a_name_is_no_part_of_it() -> None:
    understood = reading.understand_text(
        "张三一家三口\n李四夫妇 13800138000\n王五（夫妻）\n赵六两口子\n钱七 一家4口人"
        "\n孙八带孩子\n周九及家属\n吴十母子俩\n郑夫妇2人"
    )
    names = ["张三", "李四", "王五", "赵六", "钱七", "孙八", "周九", "吴十", "郑"]
    assert [row.name for row in understood.rows] == names
    assert notes_of(understood) == dict.fromkeys(names, "and_more")


def test_a_name_may_end_as_a_word_of_families() -> None:
    understood = reading.understand_text("王全家\n李一家\n赵子女\n陈和子\n全家福")
    assert [row.name for row in understood.rows] == ["王全家", "李一家", "赵子女", "陈和子", "全家福"]
    assert notes_of(understood) == {}

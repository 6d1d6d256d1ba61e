"""Labels of rows that hold no visits."""

import pytest

from hallapp.history import problems
from hallapp.history.problems import Problem
from hallapp.history.totals import is_total, label_of


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ("合计|小计|总计|总 计|合　计|共计|累计|汇总|总数|总和|合计：|合计（人）|合计:350人|共350人"
         "|共计350人次", problems.TOTAL),
        ("2019年合计|3月合计|一季度小计|第一季度合计|上半年合计|本月合计|本月累计|本年累计|月计|全年总计"
         "|3月5日小计", problems.TOTAL),
        ("２０１９年合计|總計|合計|本页合计|本页小计|过次页|承前页|全年|本月|∑|Σ|总|各省合计", problems.TOTAL),
        ("广东合计|甲中学小计|广东 汇总|合计/Total|TOTAL|Total 2019|Sub-total|Subtotal:|Grand Total|Sum"
         "|March total", problems.TOTAL),
        ("日均|月均|日均人数|3月日均|平均|平均值|日平均|每日平均|平均每天|人均|占比|占比（%）|占比%|比例"
         "|百分比|日均：50", problems.AVERAGE),
        ("average|Daily average|Avg.|Percentage|%|Average per day", problems.AVERAGE),
        ("上年同期|去年同期|同期|同比|环比|同比增减|同比增长|同比增长率|环比增长（%）|同比%|较上年同期"
         "|比去年|增长率|增减|上月",
         problems.COMPARISON),
        ("YoY|last year|Same period last year|Previous month|Change", problems.COMPARISON),
        ("备注：团体票|备注|注：以上不含工作人员|注1：含散客|说明：数据截至月底|※含夜场"
         "|制表人：王某　审核：李某　2019年4月1日",
         problems.REMARK),
        ("填表日期：2019-04-01|审核人:|制表人|单位负责人（签字）：|備註：无|数据来源：前台登记"
         "|Prepared by: Li|Note: none", problems.REMARK),
    ],
)  # fmt: skip
def test_label_of_a_total_is_recognised(texts: str, problem: Problem) -> None:
    for text in texts.split("|"):
        assert label_of(text) == problem, text
        assert is_total(text) is (problem is problems.TOTAL)


@pytest.mark.parametrize(
    "texts",
    [
        "TotalEnergies|Summary|Sumy|Summit School|Summer Camp 2019|Sum of Us|Total Fitness",
        "Total Quality Ltd|Total (China)",
        "审计署|会计学院|合计划|总计划|数据汇总|汇总中心|统计局|审计局|设计院|总工会|共青团",
        "共青团广东省委|总参|计生委|广东总队",
        "均安镇|平均寿命研究会|占城|比亚迪|比例尺公司|同比例科技|环比特公司|增城|增城区|上年画社",
        "备注管理公司|注册会计师协会",
        "审核部|制表中心|说明会|填报志愿讲座|说明文学社|电话局|全椒县|全国总工会|本溪|月坛|年轻人协会",
        "全日制|统计学院",
        "Average Joe Ltd|Change UK|Note Co|Percentage Games|Mayday|May|Tatsuya|Mount|2019-03-05|3月5日",
        "2019年|一季度|5|广东||x",
        "Total" * 20 + "|" + "合计" + "某" * 600,
    ],
)
def test_name_is_not_mistaken_for_a_label(texts: str) -> None:
    assert [text for text in texts.split("|") if label_of(text)] == []

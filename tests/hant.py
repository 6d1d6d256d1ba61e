"""Make the Traditional Chinese catalogue from the Simplified one: a part of `make messages`.

Characters and phrases are converted by OpenCC (Taiwan's forms). `TERMS` then replaces what readers in Hong Kong, Macao
and Taiwan would not say; where these differ, it takes the word that all of them understand. To change a text, change
`TERMS`, or `OWN` for one message. The result is never edited by hand, so it cannot fall behind.
"""

import re
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from opencc import OpenCC

from hallapp.settings import ROOT

FOLDER = ROOT / "hallapp" / "translations"
SOURCE = FOLDER / "zh" / "LC_MESSAGES" / "messages.po"
RESULT = FOLDER / "zh_Hant" / "LC_MESSAGES" / "messages.po"

#: Replaced one after the other, so a longer word comes before its parts.
TERMS: tuple[tuple[str, str], ...] = (
    *(("臺賬", "登記簿"), ("格里", "格裡"), ("臺", "台"), ("二維碼", "QR Code")),
    *(("退出登錄", "登出"), ("登錄", "登入"), ("賬", "帳"), ("用戶", "使用者")),
    *(("短信", "簡訊"), ("郵箱", "電子信箱"), ("電子郵件", "郵件"), ("郵件", "電子郵件"), ("鏈接", "連結")),
    *(("攝像頭", "鏡頭"), ("打印", "列印"), ("設置", "設定"), ("默認", "預設"), ("服務器", "伺服器")),
    *(("應用程序", "應用程式"), ("程序", "程式"), ("字符", "字元"), ("點擊", "點選"), ("粘貼", "貼上")),
    *(("搜索", "搜尋"), ("在線", "線上"), ("聯網", "連線"), ("導出", "匯出"), ("導入", "匯入")),
    *(("數據庫", "資料庫"), ("數據", "資料"), ("信息", "資訊"), ("網絡", "網路"), ("軟件", "軟體")),
    *(("文件夾", "資料夾"), ("文件", "檔案"), ("模板", "範本"), ("單元格", "儲存格"), ("智能", "智慧型")),
    *(("屏幕", "螢幕"), ("全屏", "全螢幕"), ("顯示屏", "顯示螢幕"), ("大屏", "大螢幕"), ("屏", "螢幕")),
    *(("加載", "載入"), ("刷新", "重新整理"), ("提交", "送出"), ("進程", "處理程序"), ("視頻", "影片")),
    *(("公佈", "公布"), ("發佈", "發布"), ("分佈", "分布"), ("聯繫", "聯絡"), ("自定義", "自訂")),
    *(("列表", "清單"), ("各列", "各欄"), ("一列", "一欄"), ("列名", "欄名"), ("這列", "這欄"), ("該列", "該欄")),
    *(("質量", "品質"), ("激活", "啟用"), ("周", "週"), ("大巴", "遊覽車")),
    *(("“", "「"), ("”", "」"), ("‘", "『"), ("’", "』")),
)
#: Whole texts by message id, where the words above do not fit.
OWN: dict[str, str] = {}
#: To keep a person's data is 保存 everywhere; to save a form is 儲存.
_SAVE = re.compile(r"保存(?!聯絡人|個人|期)")
_converter = OpenCC("s2tw")


def convert(simplified: str) -> str:
    """Return a text in Traditional Chinese; its placeholders stay as they are."""
    parts = re.split(r"(%\(\w+\)[a-z]|\{\w*\})", simplified)
    return "".join(part if number % 2 else _converted(part) for number, part in enumerate(parts))


def _converted(text: str) -> str:
    found: str = _converter.convert(text)
    for word, better in TERMS:
        found = found.replace(word, better)
    return _SAVE.sub("儲存", found)


def make(source: Catalog) -> Catalog:
    """Return the catalogue of Traditional Chinese."""
    result = Catalog(locale="zh_Hant", project="hallapp", creation_date=source.creation_date, fuzzy=False)
    result.revision_date = source.revision_date
    for message in source:
        if message.id:
            result.add(message.id, string=_of(message), flags=message.flags)
    return result


def _of(message: Message) -> str | tuple[str, ...]:
    key = message.id if isinstance(message.id, str) else message.id[0]
    if key in OWN:
        return OWN[key] if isinstance(message.id, str) else (OWN[key],)
    if isinstance(message.string, str):
        return convert(message.string)
    return tuple(convert(one) for one in message.string)


def main(result: Path = RESULT) -> None:
    """Write the catalogue."""
    with SOURCE.open("rb") as file:
        made = make(read_po(file, locale="zh"))
    result.parent.mkdir(parents=True, exist_ok=True)
    with result.open("wb") as file:
        write_po(file, made, width=76, sort_output=True, ignore_obsolete=True)


if __name__ == "__main__":
    main()

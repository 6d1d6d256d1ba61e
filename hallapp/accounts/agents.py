"""The family of a browser and of its system, so that people recognise their own sessions in a list."""

from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _

#: Browsers name others besides themselves in their User-Agent header, so the order matters: the first mark found
#: decides.
_BROWSERS = (
    ("MicroMessenger", "wechat"),
    ("DingTalk", "dingtalk"),
    ("Edg", "edge"),
    ("HuaweiBrowser", "huawei"),
    ("MiuiBrowser", "xiaomi"),
    ("QQBrowser", "qq"),
    ("UCBrowser", "uc"),
    ("OPR/", "opera"),
    ("SamsungBrowser", "samsung"),
    ("Firefox", "firefox"),
    ("FxiOS", "firefox"),
    ("CriOS", "chrome"),
    ("Chrome", "chrome"),
    ("Safari", "safari"),
)
_SYSTEMS = (
    ("OpenHarmony", "harmony"),
    ("HarmonyOS", "harmony"),
    ("Android", "android"),
    ("iPhone", "ios"),
    ("iPad", "ios"),
    ("Windows", "windows"),
    ("Macintosh", "macos"),
    ("CrOS", "chromeos"),
    ("Linux", "linux"),
)
UNKNOWN = "other"
_NAMES = {
    "wechat": N_("WeChat"),
    "dingtalk": N_("DingTalk"),
    "edge": "Edge",
    "huawei": N_("Huawei Browser"),
    "xiaomi": N_("Xiaomi Browser"),
    "qq": N_("QQ Browser"),
    "uc": N_("UC Browser"),
    "opera": "Opera",
    "samsung": N_("Samsung browser"),
    "firefox": "Firefox",
    "chrome": "Chrome",
    "safari": "Safari",
    "harmony": N_("HarmonyOS"),
    "android": N_("Android"),
    "ios": "iPhone, iPad",
    "windows": "Windows",
    "macos": "Mac",
    "chromeos": "ChromeOS",
    "linux": "Linux",
}


def family(user_agent: str) -> tuple[str, str]:
    """Return one word for the browser and one for the system of a User-Agent header; `other` for an unknown header."""
    return _first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)


def name(browser: str, system: str) -> str:
    """Return the usual names of both, in the reader's language."""
    if browser not in _NAMES:
        return _("Unknown browser")
    shown = _(_NAMES[browser])
    return _("%(browser)s on %(system)s", browser=shown, system=_(_NAMES[system])) if system in _NAMES else shown


def _first(marks: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((word for mark, word in marks if mark in user_agent), UNKNOWN)

"""The choice of the driver of text messages by the scheme of `HALL_SMS_URL`."""

from urllib.parse import urlsplit

from hallapp.notifications.models import Delivery
from hallapp.notifications.texting.aliyun import Aliyun
from hallapp.notifications.texting.gateway import Gateway
from hallapp.notifications.texting.tencent import Tencent
from hallapp.notifications.texting.values import Driver, Provider, Receipt, Text

__all__ = ["Delivery", "Driver", "Provider", "Receipt", "Text", "driver_for", "find_host", "find_provider"]

_DRIVERS: dict[Provider, type[Aliyun] | type[Tencent]] = {Provider.ALIYUN: Aliyun, Provider.TENCENT: Tencent}


def find_provider(sms_url: str | None) -> Provider | None:
    """Return the provider whose templates an address needs, or None for a gateway and where there is no address."""
    scheme = urlsplit(sms_url or "").scheme
    return Provider(scheme) if scheme in set(Provider) else None


def find_host(sms_url: str) -> str:
    """Return the host of an address, which has no secret."""
    return urlsplit(sms_url).hostname or ""


def driver_for(sms_url: str) -> Driver:
    """Return the driver of a checked `HALL_SMS_URL`."""
    provider = find_provider(sms_url)
    return _DRIVERS[provider](urlsplit(sms_url)) if provider else Gateway(sms_url)

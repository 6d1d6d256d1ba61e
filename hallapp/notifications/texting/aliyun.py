"""The driver of Alibaba Cloud's text messages (SendSms and QuerySendDetails of 2017-05-25), by its own library.

The library signs each request by ACS3-HMAC-SHA256.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import SplitResult

from hallapp.core import clock
from hallapp.notifications import transports
from hallapp.notifications.models import Delivery
from hallapp.notifications.texting.reaching import reach
from hallapp.notifications.texting.values import Account, Answer, Question, Receipt, Text, plain_number, reason_of
from hallapp.notifications.transports import Refused

_ZONE = "Asia/Shanghai"  # in whose days the provider files what it sent
#: The beginnings of codes that mean "not now": limits, an account without money, the provider's own faults, and keys,
#: which an operator corrects. All other codes are about this message.
_LATER = (
    "isp.",
    "isv.BUSINESS_LIMIT_CONTROL",
    "isv.DAY_LIMIT_CONTROL",
    "isv.MONTH_LIMIT_CONTROL",
    "isv.AMOUNT_NOT_ENOUGH",
    "isv.OUT_OF_SERVICE",
    "isv.ACCOUNT_ABNORMAL",
    "isv.ACCOUNT_NOT_EXISTS",
    "isv.PRODUCT_UN_SUBSCRIPT",
    "isv.SYSTEM_ERROR",
    "Throttling",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "SignatureNonceUsed",
    "IncompleteSignature",
    "InvalidTimeStamp",
    "Forbidden",
    "ServiceUnavailable",
    "InternalError",
)
_DELIVERIES = {2: Delivery.FAILED, 3: Delivery.DELIVERED}  # 1: the operator of the phone has not answered yet


class Aliyun:
    """An account of Alibaba Cloud."""

    def __init__(self, parts: SplitResult) -> None:
        self.account = Account.of(parts, region="cn-hangzhou")
        self.host = parts.hostname or ""
        self._client: Any = None

    def open(self) -> None:
        """Find out whether the provider can be reached, once. Raises ServerAway."""
        if self._client is None:
            reach(self.account)
            self._client = self._make_client()

    def send(self, text: Text) -> Receipt:
        """Send one message. Raises Refused."""
        from alibabacloud_dysmsapi20170525.models import SendSmsRequest

        request = SendSmsRequest(
            phone_numbers=plain_number(text.to),
            sign_name=text.sign,
            template_code=text.template,
            template_param=json.dumps(dict(text.parameters), ensure_ascii=False) if text.parameters else None,
            out_id=text.number,
        )
        return Receipt(provider_id=self._call("send_sms_with_options", request).biz_id)

    def ask(self, question: Question) -> Answer | None:
        """Return the delivery report of a message, or None while there is none. Raises Refused."""
        from alibabacloud_dysmsapi20170525.models import QuerySendDetailsRequest

        request = QuerySendDetailsRequest(
            phone_number=plain_number(question.to),
            biz_id=question.provider_id,
            send_date=clock.local_day(question.sent_at, _ZONE).strftime("%Y%m%d"),
            page_size=1,
            current_page=1,
        )
        found = self._call("query_send_details_with_options", request).sms_send_detail_dtos
        for one in (found and found.sms_send_detail_dto) or ():
            delivery = _DELIVERIES.get(one.send_status)
            if delivery:
                return Answer(delivery=delivery, code=reason_of(one.err_code or ""))
        return None

    def close(self) -> None:
        """Forget the client, which keeps no connection."""
        self._client = None

    def _call(self, verb: str, request: Any) -> Any:
        """Return the answer to a request. Raises Refused."""
        from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
        from darabonba.exceptions import DaraException
        from darabonba.runtime import RuntimeOptions
        from requests.exceptions import RequestException

        if self._client is None:
            raise Refused("no connection")
        milliseconds = int(timedelta(seconds=transports.TIMEOUT_SECONDS) / timedelta(milliseconds=1))
        options = RuntimeOptions(read_timeout=milliseconds, connect_timeout=milliseconds, autoretry=False)
        act: Callable[..., Any] = getattr(self._client, verb)
        try:
            body = act(request, options).body
        except AlibabaCloudException as error:  # its message repeats the signed request with the number
            raise _refused(str(error.code)) from None
        except (DaraException, RequestException, OSError, ValueError) as error:
            raise Refused(f"aliyun: {type(error).__name__}") from None
        if body is None or body.code != "OK":
            raise _refused(str(body and body.code), str(body and body.message))
        return body

    def _make_client(self) -> Any:
        from alibabacloud_dysmsapi20170525.client import Client
        from alibabacloud_tea_openapi.utils_models import Config

        return Client(
            Config(
                access_key_id=self.account.key_id,
                access_key_secret=self.account.secret,
                endpoint=self.account.host,
                region_id=self.account.region,
                protocol="HTTPS" if self.account.encrypted else "HTTP",
            )
        )


def _refused(code: str, message: str = "") -> Refused:
    return Refused(reason_of(f"aliyun: {code}", message), for_good=not code.startswith(_LATER))

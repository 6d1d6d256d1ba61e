"""The driver of Tencent Cloud's text messages (SendSms and the delivery reports of 2021-01-11), by its own library.

The library signs each request by TC3-HMAC-SHA256.
"""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import SplitResult

from hallapp.core import clock
from hallapp.notifications import transports
from hallapp.notifications.models import Delivery
from hallapp.notifications.texting.reaching import reach
from hallapp.notifications.texting.values import Account, Answer, Question, Receipt, Text, reason_of
from hallapp.notifications.transports import Refused

#: The beginnings of codes that mean "not now", as in the driver of Aliyun.
_LATER = (
    "LimitExceeded",
    "RequestLimitExceeded",
    "InternalError",
    "AuthFailure",
    "UnauthorizedOperation",
    "ServerNetworkError",
    "ClientNetworkError",
    "FailedOperation.InsufficientBalanceInSmsPackage",
)
_DELIVERIES = {"SUCCESS": Delivery.DELIVERED, "FAIL": Delivery.FAILED}
_MOST_REPORTS = 100  # the largest page that the provider gives
_AROUND = timedelta(hours=1)


class Tencent:
    """An application of an account of Tencent Cloud."""

    def __init__(self, parts: SplitResult) -> None:
        self.account = Account.of(parts, region="ap-guangzhou")
        self.host = parts.hostname or ""
        self._client: Any = None

    def open(self) -> None:
        """Find out whether the provider can be reached, once. Raises ServerAway."""
        if self._client is None:
            reach(self.account)
            self._client = self._make_client()

    def send(self, text: Text) -> Receipt:
        """Send one message. Raises Refused."""
        statuses = self._call(
            "SendSms",
            {
                "PhoneNumberSet": [text.to],
                "SmsSdkAppId": self.account.app_id,
                "SignName": text.sign,
                "TemplateId": text.template,
                "TemplateParamSet": [value for _name, value in text.parameters],
                "SessionContext": text.number,
            },
        ).get("SendStatusSet")
        if not statuses:
            raise Refused("tencent: no status")
        status = statuses[0]
        if status.get("Code") != "Ok":
            raise _refused(str(status.get("Code")), str(status.get("Message") or ""))
        return Receipt(provider_id=status.get("SerialNo") or None, segments=status.get("Fee") or None)

    def ask(self, question: Question) -> Answer | None:
        """Return the delivery report of a message, or None while there is none. Raises Refused.

        The reports are asked for by number: those of PullSmsSendStatus are given once only, to whoever asks first.
        """
        reports = self._call(
            "PullSmsSendStatusByPhoneNumber",
            {
                "BeginTime": int((question.sent_at - _AROUND).timestamp()),
                "EndTime": int(clock.now().timestamp()),
                "Offset": 0,
                "Limit": _MOST_REPORTS,
                "PhoneNumber": question.to,
                "SmsSdkAppId": self.account.app_id,
            },
        )
        for one in reports.get("PullSmsSendStatusSet") or ():
            delivery = _DELIVERIES.get(str(one.get("ReportStatus")))
            if one.get("SerialNo") == question.provider_id and delivery:
                code = "" if delivery is Delivery.DELIVERED else str(one.get("Description") or "")
                return Answer(delivery=delivery, code=reason_of(code))
        return None

    def close(self) -> None:
        """Forget the client, which keeps no connection."""
        self._client = None

    def _call(self, action: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a request. Raises Refused."""
        from tencentcloud.common.exception import TencentCloudSDKException

        if self._client is None:
            raise Refused("no connection")
        try:
            answer: dict[str, Any] = self._client.call_json(action, parameters)["Response"]
        except TencentCloudSDKException as error:
            raise _refused(str(error.code)) from None
        except (OSError, ValueError, KeyError, TypeError, json.JSONDecodeError) as error:
            raise Refused(f"tencent: {type(error).__name__}") from None
        return answer

    def _make_client(self) -> Any:
        from tencentcloud.common.credential import Credential
        from tencentcloud.common.profile.client_profile import ClientProfile
        from tencentcloud.common.profile.http_profile import HttpProfile
        from tencentcloud.sms.v20210111.sms_client import SmsClient

        http = HttpProfile(
            protocol="https" if self.account.encrypted else "http",
            endpoint=self.account.host,
            reqTimeout=transports.TIMEOUT_SECONDS,
        )
        profile = ClientProfile(signMethod="TC3-HMAC-SHA256", httpProfile=http)
        return SmsClient(Credential(self.account.key_id, self.account.secret), self.account.region, profile)


def _refused(code: str, message: str = "") -> Refused:
    return Refused(reason_of(f"tencent: {code}", message), for_good=not code.startswith(_LATER))

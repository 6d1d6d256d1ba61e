"""The ways out for text messages: a gateway that takes finished texts, or a provider that takes templates with values.

`driver_for` returns the driver of a `HALL_SMS_URL`. The libraries of the providers are imported when a message is sent,
so that no start of the application waits for them.
"""

from hallapp.notifications.texting.drivers import (
    Delivery,
    Driver,
    Provider,
    Receipt,
    Text,
    driver_for,
    find_host,
    find_provider,
)

__all__ = ["Delivery", "Driver", "Provider", "Receipt", "Text", "driver_for", "find_host", "find_provider"]

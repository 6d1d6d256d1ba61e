"""The state of webhooks: events that other systems have not accepted, and webhooks that fail or were switched off."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily

from hallapp.core import database
from hallapp.monitoring.readings import Sample, gauge
from hallapp.schedule.models import Hall
from hallapp.webhooks.queries import list_states


def read(halls: Sequence[Hall]) -> Iterator[GaugeMetricFamily]:
    """Yield the gauges of webhooks; webhooks have the numbers that they have on the pages."""
    slugs, now = {hall.id: hall.slug for hall in halls}, database.now()
    events: Counter[tuple[str, str, str]] = Counter()
    switched_off, failing, overdue = list[Sample](), list[Sample](), list[Sample]()
    for one in list_states(list(slugs), now=now):
        hall, number = slugs[one.hall_id], str(one.number)
        for name in ("waiting", "retrying", "given_up"):
            events[hall, number, name] = getattr(one, name)
        switched_off.append(((hall, number), float(one.is_switched_off)))
        failing.append(((hall, number), _seconds(now, one.failing_since)))
        overdue.append(((hall, number), _seconds(now, one.overdue_since)))
    labels = ("hall", "webhook")
    yield gauge(
        "webhook_events",
        "Events that are not delivered: waiting, tried again, or given up within 30 days",
        (*labels, "state"),
        events.items(),
    )
    yield gauge("webhook_switched_off", "1 where a webhook was switched off because it failed", labels, switched_off)
    yield gauge("webhook_failing_seconds", "For how long a webhook has accepted nothing", labels, failing)
    yield gauge("webhook_overdue_seconds", "How long the oldest event that is due has waited", labels, overdue)


def _seconds(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0

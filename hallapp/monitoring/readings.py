"""A gauge as this room fills it in."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily

#: The values of the labels, in their order, and the number.
Sample = tuple[tuple[str, ...], float]


def gauge(name: str, text: str, labels: Iterable[str], samples: Iterable[Sample]) -> GaugeMetricFamily:
    """Return a gauge with these samples."""
    family = GaugeMetricFamily(f"hallapp_{name}", text, labels=list(labels))
    for values, number in samples:
        family.add_metric(values, number)
    return family


def single(name: str, text: str, number: float) -> GaugeMetricFamily:
    """Return a gauge without labels."""
    return gauge(name, text, (), [((), number)])

"""The domain's view of the running application: settings, templates, and a context for a thread.

This module, `core.i18n` (texts) and `core.database` (sessions) alone import the framework for the domain.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from flask import current_app, render_template

from hallapp.settings import Settings


def settings() -> Settings:
    """Return the settings that the application was started with."""
    found: Settings = current_app.config["SETTINGS"]
    return found


def are_rate_limits_on() -> bool:
    """Return whether rate limits hold; load tests turn them off."""
    return bool(current_app.config["RATE_LIMITS"])


def render(template: str, **values: Any) -> str:
    """Render a template, such as the HTML of a mail."""
    return render_template(template, **values)


def get_context() -> Callable[[], AbstractContextManager[Any]]:
    """Return a function that opens a context of this application, for a thread that has none of its own."""
    application: Any = current_app
    opener: Callable[[], AbstractContextManager[Any]] = application._get_current_object().app_context
    return opener

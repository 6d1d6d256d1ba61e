"""Several machines, shown with real programs of Debian: `make cluster` (as root; no part of `make test`).

Its tests are named `check_…`, so that no other run of pytest collects them.
"""

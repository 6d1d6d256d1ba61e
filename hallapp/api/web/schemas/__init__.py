"""The documents of the API, as the OpenAPI document describes them; requests are checked against theirs.

The rules of the hall are not here: forms and services have them. A request schema says what type each value has, and
refuses names that it does not know.
"""

"""Webhooks: events of a hall, sent as signed requests to other systems that an administrator has entered.

An event is written in the transaction of what happened, and sent by the worker until the other system accepts it.
Requests follow the specification of Standard Webhooks (https://www.standardwebhooks.com).
"""

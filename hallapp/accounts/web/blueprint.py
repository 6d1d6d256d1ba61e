"""The pages of accounts: sign-in, links, and everybody's own account."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)

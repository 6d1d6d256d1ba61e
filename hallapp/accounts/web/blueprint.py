"""The pages of accounts: sign-in, links, and a person's own account."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)

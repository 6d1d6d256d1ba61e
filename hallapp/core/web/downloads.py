"""The name under which a browser saves a file (RFC 6266, RFC 5987)."""

from urllib.parse import quote

from flask.wrappers import Response


def name_file(response: Response, name: str, *, plain: str, is_shown: bool = False) -> Response:
    """Give an answer the name of its file, and a `plain` one in ASCII for programs that read no other.

    A file that `is_shown` opens in the browser first, and has the name when it is saved.
    """
    way = "inline" if is_shown else "attachment"
    response.headers["Content-Disposition"] = f"{way}; filename={plain}; filename*=UTF-8''{quote(name, safe='')}"
    return response

"""The security headers of every answer, of pages and of static files."""


def security_headers(
    *,
    secure: bool,
    nonce: str = "",
    scripts: str = "",
    stream: str = "",
    frame: str = "",
    ancestors: str = "'none'",
) -> dict[str, str]:
    """Return the headers; `nonce` lets the page's own inline elements run, `scripts` adds sources of scripts.

    `stream` is the one other host from which this page may play, `frame` the one that it may show in a frame.
    `ancestors` are the origins of the websites that may show this page in a frame of theirs.
    """
    played, framed = f" {stream}" if stream else "", f"frame-src {frame}; " if frame else ""
    inline = f" 'nonce-{nonce}'" if nonce else ""
    headers = {
        "Content-Security-Policy": (
            f"default-src 'none'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'{played}; "
            f"media-src 'self' blob:{played}; manifest-src 'self'; worker-src 'self'; {framed}"
            f"script-src 'self'{inline} {scripts}; style-src 'self'{inline}; "
            f"form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if ancestors != "'none'":
        del headers["X-Frame-Options"]  # it can name no site
    if secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers

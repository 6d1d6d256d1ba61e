"""The security headers of every answer, of pages and of static files."""


def security_headers(*, secure: bool, nonce: str = "", scripts: str = "", frames: str = "'none'") -> dict[str, str]:
    """Return the headers; `nonce` lets the page's own inline elements run, `scripts` adds sources of scripts.

    `frames` are the origins of the websites that may show the page in an iframe.
    """
    inline = f" 'nonce-{nonce}'" if nonce else ""
    headers = {
        "Content-Security-Policy": (
            "default-src 'none'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
            "media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; "
            f"script-src 'self'{inline} {scripts}; style-src 'self'{inline}; "
            f"form-action 'self'; base-uri 'none'; frame-ancestors {frames}"
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if frames != "'none'":
        del headers["X-Frame-Options"]  # it can name no site
    if secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers

"""The security headers of every answer, of pages and of static files."""


def security_headers(*, secure: bool, nonce: str = "", scripts: str = "") -> dict[str, str]:
    """Return the headers; `nonce` lets the page's own inline elements run, `scripts` adds sources of scripts."""
    inline = f" 'nonce-{nonce}'" if nonce else ""
    headers = {
        "Content-Security-Policy": (
            "default-src 'none'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
            "media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; "
            f"script-src 'self'{inline} {scripts}; style-src 'self'{inline}; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers

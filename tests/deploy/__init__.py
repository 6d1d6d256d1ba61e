"""The image and compose.yaml, built and run with Podman: `make image` (as root on Debian; no part of `make test`)."""

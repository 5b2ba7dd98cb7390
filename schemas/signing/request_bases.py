"""What signing and verifying a request share: its base, the form of a nonce, who has no body.

Source: RFC 9421; covered components: docking contract section 3.
"""

import re
from typing import Final

from schemas.signing.bases import Target, as_base
from schemas.signing.received_signature import REQUEST, REQUEST_WITH_BODY

# At least 16 random bytes: 22 characters of base64url, 32 of hexadecimal.
NONCE: Final = re.compile(r"[A-Za-z0-9_-]{22,128}", re.ASCII)
BODILESS: Final = frozenset({"GET", "HEAD"})


def request_base(
    target: Target, params: str, content_type: str | None, digest: str | None
) -> bytes:
    """Return the base over the contract's own list: with a digest there is a body."""
    start = (
        f'"@method": {target.method}\n"@authority": {target.authority}\n'
        f'"@path": {target.path}\n"@query": ?{target.query}\n'
    )
    end = f'"@signature-params": {params}'
    if digest is None:
        return as_base(start + end, len(REQUEST))
    return as_base(
        f'{start}"content-type": {content_type}\n"content-digest": {digest}\n{end}',
        len(REQUEST_WITH_BODY),
    )

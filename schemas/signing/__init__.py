"""Message signatures of the docking contract (报文签名): RFC 9421 with RFC 9530 digests.

A request covers method, authority, path, query and, when there is one, its body by type and
digest; an answer covers its status, its body and the request's signature. Which algorithm is
used belongs to the key, never to the message. Whether a nonce is new is the database's to say.
"""

from schemas.signing.answers import sign_answer, verify_answer
from schemas.signing.bases import Headers, Target
from schemas.signing.key_sets import Keys, KeySet, Link, ReloadableKeys
from schemas.signing.keyfile_writing import write_key_file, write_key_set
from schemas.signing.keyfiles import (
    fingerprint,
    read_key_file,
    read_key_set,
    read_pem_file,
)
from schemas.signing.keys import Key, Validity, new_key
from schemas.signing.policy import Window
from schemas.signing.signature_error_texts import EXPLANATIONS, Explanation
from schemas.signing.signature_errors import KeyRejected, SignatureErrorCode, SignatureRejected
from schemas.signing.signed_requests import SignedRequest, sign_request
from schemas.signing.sm2.engine import Sm2Use
from schemas.signing.sm2.port import Sm2
from schemas.signing.sm2.selection import select_sm2
from schemas.signing.suites import NATIONAL, Suite
from schemas.signing.tags import TAG, Direction, TagForm, Tags
from schemas.signing.verified_requests import (
    VerifiedHeaders,
    VerifiedRequest,
    verify_headers,
    verify_request,
)

__all__ = [
    "EXPLANATIONS",
    "NATIONAL",
    "TAG",
    "Direction",
    "Explanation",
    "Headers",
    "Key",
    "KeyRejected",
    "KeySet",
    "Keys",
    "Link",
    "ReloadableKeys",
    "SignatureErrorCode",
    "SignatureRejected",
    "SignedRequest",
    "Sm2",
    "Sm2Use",
    "Suite",
    "TagForm",
    "Tags",
    "Target",
    "Validity",
    "VerifiedHeaders",
    "VerifiedRequest",
    "Window",
    "fingerprint",
    "new_key",
    "read_key_file",
    "read_key_set",
    "read_pem_file",
    "select_sm2",
    "sign_answer",
    "sign_request",
    "verify_answer",
    "verify_headers",
    "verify_request",
    "write_key_file",
    "write_key_set",
]

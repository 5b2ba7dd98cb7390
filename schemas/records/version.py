"""接口约定版本: the version of the contract whose records these are."""

from typing import Final

CONTRACT_VERSION: Final = "1.1.0"
"""Said in the published documents and in the header `Duijie-Contract`; its major is in paths."""

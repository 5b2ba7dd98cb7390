"""系统错误: what the system refused, in Chinese; its own English sentences are not shown."""

from schemas.reasons.quotation_texts import describe_quotation
from schemas.reasons.quotations import quote_system


def system_cause(exc: OSError) -> str:
    """Return what went wrong; an error without words of ours goes by its name."""
    return describe_quotation(quote_system(exc))

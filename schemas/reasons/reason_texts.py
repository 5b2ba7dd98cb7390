"""How reasons are said in Chinese: what is wrong (原因) and what to do (处理办法)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Final

from schemas.reasons.quotation_texts import describe_quotation, original_of
from schemas.reasons.quotations import Quotation
from schemas.reasons.reason import Parameter, Reason, ReasonCode, split_place

_NEXT_LINE: Final = "\n"
_BETWEEN: Final = "："
_LISTED: Final = "、"
_CORRECT_ALL: Final = "请逐项改正后重新运行"


@dataclass(frozen=True, slots=True)
class ReasonText:
    """What a person reads about a reason: cause and cure, with the parameters of its sentence."""

    cause: str
    cure: str


ReasonTexts = Mapping[ReasonCode, ReasonText]


def parameters_of(sentence: str) -> set[str]:
    """Return the names of the parameters that a sentence is filled with."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@dataclass(frozen=True, slots=True)
class DescribedError:
    """What a person reads about an error: where, what is wrong in lines, and what to do."""

    place: str
    cause: str
    cure: str

    @property
    def full_cause(self) -> str:
        """What is wrong, with the place."""
        return f"{self.place}：{self.cause}" if self.place else self.cause


def describe_reasons(reasons: Sequence[Reason], texts: ReasonTexts) -> DescribedError:
    """Return what is wrong, a line for each reason; where their cures differ, beside each."""
    place, inner = split_place(reasons)
    texts_of = [_described(reason, texts) for reason in inner]
    cures = list(dict.fromkeys(text.cure for text in texts_of))
    if len(cures) == 1:
        lines, cure = [text.cause for text in texts_of], cures[0]
    else:
        lines, cure = [_with_cure(text) for text in texts_of], _CORRECT_ALL
    return DescribedError(_BETWEEN.join(place), _NEXT_LINE.join(lines), cure)


def _with_cure(text: ReasonText) -> str:
    cause, *originals = text.cause.split(_NEXT_LINE)
    return _NEXT_LINE.join((f"{cause}；{text.cure}", *originals))


def _described(reason: Reason, texts: ReasonTexts) -> ReasonText:
    text = texts[reason.code]
    words = {name: _parameter(value, texts) for name, value in reason.params.items()}
    cause = _BETWEEN.join((*reason.where, text.cause.format_map(words)))
    originals = map(_original, reason.params.values())
    return ReasonText(
        _NEXT_LINE.join((cause, *(line for line in originals if line))),
        text.cure.format_map(words),
    )


def _parameter(value: Parameter, texts: ReasonTexts) -> str:
    match value:
        case tuple():
            return _LISTED.join(value)
        case Quotation():
            return describe_quotation(value)
        case Reason():
            return _described(value, texts).cause
        case _:
            return str(value)


def _original(value: Parameter) -> str:
    return original_of(value) if isinstance(value, Quotation) else ""

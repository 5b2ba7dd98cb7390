"""登记表内容: a filled form as rows of section, box and content, and what is not on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from duijie.form_names import member_name
from gateway.domain.form_filling import FilledBox, FilledForm, WrittenPart

_TICKED, _OPEN = "☑", "☐"
_LACKING: Final = "表上没有的数据项"
_COARSER: Final = "表上合并的选项，申请原为"


@dataclass(frozen=True, slots=True)
class FormRow:
    """One line of a form; `content` may have lines of its own."""

    section: str
    label: str
    content: str


def form_rows(form: FilledForm) -> Iterator[FormRow]:
    """Yield the boxes of a form in their order, then what was given and is not on it."""
    for box in form.boxes:
        label = f"{box.box.label}{'*' if box.box.starred else ''}"
        yield FormRow(box.box.section, label, _content(box))
    for title, values in ((_LACKING, form.unshown), (_COARSER, form.coarser)):
        for member, value in values.items():
            yield FormRow(title, member_name(member), value)


def _content(box: FilledBox) -> str:
    if box.box.not_carried is not None:
        return f"（{box.box.not_carried}）"
    return "\n".join(text for one in box.written if (text := _written(one)))


def _written(one: WrittenPart) -> str:
    if one.part.options and one.text is not None and not _is_label(one):
        return one.text  # masked
    if one.part.options:
        marked = (
            (_TICKED if option.label == one.text else _OPEN, option.label)
            for option in one.part.options
        )
        return "\n".join(f"{mark} {label}" for mark, label in marked)
    if one.text is None:
        return ""
    return f"{one.part.caption}：{one.text}" if one.part.caption else one.text


def _is_label(one: WrittenPart) -> bool:
    return any(option.label == one.text for option in one.part.options)

"""错误: an expected failure as a person reads it: 现象, 原因, 处理办法; never a traceback."""

from typing import Final

FAILED: Final = 1
USAGE: Final = 2
UNREACHABLE: Final = 3


class CliError(Exception):
    """A failure that a person can put right.

    `symptom` says what was seen, `cause` names the setting or the rule, `cure` says what to do.
    """

    def __init__(self, symptom: str, cause: str, cure: str, exit_code: int = FAILED) -> None:
        super().__init__(f"{symptom}; {cause}")
        self.symptom, self.cause, self.cure = symptom, cause, cure
        self.exit_code = exit_code

    def block(self) -> str:
        """Return the text to print, each part on a line of its own; further lines are indented."""
        parts = (("现象", self.symptom), ("原因", self.cause), ("处理办法", self.cure))
        return "\n".join(f"{name}：{_indented(text)}" for name, text in parts)


def _indented(text: str) -> str:
    return text.replace("\n", "\n      ")

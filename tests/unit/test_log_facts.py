"""Nothing foreign is logged or counted: how facts and labels are made, read from the source.

A fact is a name, a member, a number or a literal of ours, or an error as itself. Text that is put
together where it is said, or taken from an error, could quote what a peer or a library wrote.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.events import Facts as GatewayFacts
from simulator.logs import Facts as SimulatorFacts
from tests.support.tree import modules, named

SPEAKERS = ("gateway/events.py", "simulator/logs.py")
"""The only modules that call a logger."""
LOGGERS = frozenset({"LOG", "_LOG", "_log", "log", "logger", "logging", "_logger"})
LEVELS = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})
NAMES = frozenset(GatewayFacts.__annotations__) | frozenset(SimulatorFacts.__annotations__)
OF_ERRORS = frozenset({"exc", "error", "err", "refused", "raised", "broken"})
Rule = Callable[[ast.AST], Iterator[int]]
FROM_ERRORS = frozenset({"args", "reason", "strerror", "msg", "detail"})
LABELLED = frozenset({"count", "labels"})


def test_only_say_speaks_to_a_logger() -> None:
    assert list(found(loggers_called, but=SPEAKERS)) == []


def test_no_fact_is_put_together_where_it_is_said() -> None:
    assert list(found(foreign_facts)) == []


def test_no_label_of_a_metric_is_put_together_where_it_is_counted() -> None:
    assert list(found(foreign_labels)) == []


@pytest.mark.parametrize(
    "line",
    [
        'say(LOG, WARNING, "intake.failed", reason=str(exc))',
        'say(LOG, WARNING, "intake.failed", reason=f"portal: {exc}")',
        'say(LOG, WARNING, "intake.failed", reason=repr(body))',
        'say(LOG, WARNING, "intake.failed", reason="%s" % exc)',
        'say(LOG, WARNING, "intake.failed", reason="portal: " + text)',
        'say(LOG, WARNING, "intake.failed", reason="{}".format(exc))',
        'say(LOG, WARNING, "intake.failed", reason=exc.args[0])',
        'say(LOG, WARNING, "intake.failed", reason=exc)',
        'say(LOG, WARNING, f"failed {exc}")',
        "say(LOG, WARNING, event)",
        'facts = Facts(reason=f"{exc}")',
        'facts["reason"] = str(exc)',
    ],
)
def test_a_planted_foreign_fact_is_found(line: str) -> None:
    assert list(foreign_facts(ast.parse(line)))


@pytest.mark.parametrize(
    "line", ['LOG.warning("x %s", exc)', 'logging.getLogger("a").info("x")', "_log.exception(x)"]
)
def test_a_planted_call_of_a_logger_is_found(line: str) -> None:
    assert list(loggers_called(ast.parse(line)))


@pytest.mark.parametrize(
    "line", ["metrics.count(metrics.rows, str(exc))", 'self.cases.labels(f"{exc}").set(1)']
)
def test_a_planted_foreign_label_is_found(line: str) -> None:
    assert list(foreign_labels(ast.parse(line)))


def found(rule: Rule, but: tuple[str, ...] = ()) -> Iterator[str]:
    for path in modules("gateway", "storage", "simulator"):
        if named(path) not in but:
            yield from (f"{named(path)}:{line}" for line in rule(tree_of(path)))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def loggers_called(tree: ast.AST) -> Iterator[int]:
    for call in calls(tree):
        if isinstance(call.func, ast.Attribute) and call.func.attr in LEVELS:
            of = call.func.value
            made_here = isinstance(of, ast.Call) and ast.unparse(of.func).endswith("getLogger")
            if made_here or ast.unparse(of).rpartition(".")[2] in LOGGERS:
                yield call.lineno


def foreign_facts(tree: ast.AST) -> Iterator[int]:
    for call in calls(tree):
        called = ast.unparse(call.func).rpartition(".")[2]
        if called == "say" and not is_literal(call.args[2]):
            yield call.lineno
        if called in {"say", "Facts"}:
            for word in call.keywords:
                if word.arg not in {None, "raised"} and is_foreign(word.value):
                    yield call.lineno
    assignments = (node for node in ast.walk(tree) if isinstance(node, ast.Assign))
    for one in assignments:
        if any(map(is_fact, one.targets)) and is_foreign(one.value):
            yield one.lineno


def foreign_labels(tree: ast.AST) -> Iterator[int]:
    for call in calls(tree):
        counts = isinstance(call.func, ast.Attribute) and call.func.attr in LABELLED
        if counts and any(map(is_foreign, call.args)):
            yield call.lineno


def is_fact(target: ast.expr) -> bool:
    return (
        isinstance(target, ast.Subscript)
        and ast.unparse(target.value) == "facts"
        and isinstance(target.slice, ast.Constant)
        and target.slice.value in NAMES
    )


def is_literal(node: ast.expr) -> bool:
    """Say whether an event is a literal, or chosen from a table of ours."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return node.value.id.isupper()
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_foreign(node: ast.expr) -> bool:
    """Say whether a value is put together here, is an error, or is what an error was made with."""
    if isinstance(node, ast.Name):
        return node.id in OF_ERRORS
    return any(map(is_text_of_another, parts(node)))


def parts(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what a value may be, or be taken from."""
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.BoolOp(values=values):
            yield from values
        case ast.Subscript(value=of):
            yield of
        case _:
            yield node


def is_text_of_another(node: ast.expr) -> bool:
    match node:
        case ast.JoinedStr() | ast.BinOp(op=ast.Add() | ast.Mod()):
            return True
        case ast.Attribute(value=ast.Name(id=name), attr=member):
            return name in OF_ERRORS and member in FROM_ERRORS
        case ast.Call(func=ast.Attribute(attr="format")):
            return True
        case ast.Call(func=ast.Name(id="str" | "repr" | "format" | "ascii"), args=[of, *_]):
            return not is_code(of)
    return False


def is_code(node: ast.expr) -> bool:
    """Say whether `node` is a stable code or a status, which `str` may write."""
    return isinstance(node, ast.Attribute) and node.attr in {"code", "status"}


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))
